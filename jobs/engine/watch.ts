import { setTimeout as sleep } from 'node:timers/promises'

import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { type PlanOptions, type StartedRun, startRun } from './run.ts'
import type { RunState, StepState } from './states.ts'

/** How far one asset is in a run. */
export interface StepStatus {
  asset: string
  /** In words; '' for the whole, or for all partitions that were stale. */
  partition: string
  state: StepState
  /** Why it runs: 'has new files', 'raw.fee changed'. Null while nothing it reads has changed. */
  reason: string | null
  /** From 0 to 1; models jump. */
  progress: number
  note: string | null
  /** Rows loaded, once it is done. */
  rows: number | null
  /** Since its last start, or how long it took. */
  seconds: number | null
  failures: number
  /** Why it failed or was skipped, or why its last attempt failed. */
  error: string | null
}

/** How far a run is; its steps come in the order of the graph. */
export interface RunStatus {
  id: number
  state: RunState
  seconds: number
  steps: StepStatus[]
}

/** Reads a run as it is now. */
export async function runStatus(db: Kysely<AnyDatabase>, id: number): Promise<RunStatus> {
  const { rows } = await sql<Omit<RunStatus, 'steps'> & { steps: StepStatus[] | null }>`
    select run.id, run.state,
      extract(epoch from coalesce(run.finished_at, clock_timestamp()) - run.started_at)::float8
        as seconds,
      (select json_agg(step order by step.place) from (
        select id as place, asset, partition, state, reason, progress, note, rows, failures, error,
          extract(epoch from coalesce(finished_at, clock_timestamp()) - started_at)::float8
            as seconds
        from engine.step where run = run.id
      ) as step) as steps
    from engine.run as run where run.id = ${id}`.execute(db)
  const [run] = rows
  if (!run) throw new Error(`There is no run ${id}.`)
  return { ...run, steps: run.steps ?? [] }
}

/** Yields a run's status every so often until it has ended; the last one is the result. */
async function* watchRun(
  db: Kysely<AnyDatabase>,
  id: number,
  { everyMs = 100, signal }: { everyMs?: number; signal?: AbortSignal } = {},
): AsyncGenerator<RunStatus, RunStatus> {
  for (;;) {
    const status = await runStatus(db, id)
    yield status
    if (status.state !== 'running') return status
    await sleep(everyMs, undefined, signal && { signal })
  }
}

/** Waits until a run has ended. */
export async function waitForRun(
  db: Kysely<AnyDatabase>,
  id: number,
  options: { everyMs?: number; signal?: AbortSignal } = {},
): Promise<RunStatus> {
  const watching = watchRun(db, id, options)
  for (;;) {
    const { done, value } = await watching.next()
    if (done) return value
  }
}

/**
 * Brings every asset up to date and waits for it: first what a run already under way leaves to do,
 * then a run of its own. The result is the last run's status; null if nothing was stale.
 */
export async function bringUpToDate(
  db: Kysely<AnyDatabase>,
  plan: PlanOptions,
  options: {
    /** What `startRun` gave just now, if it was asked already. */
    started?: StartedRun
    onStatus?: (status: RunStatus) => void
    everyMs?: number
    signal?: AbortSignal
  } = {},
): Promise<RunStatus | null> {
  const { started, onStatus, ...watching } = options
  let last: RunStatus | null = null
  for (let run = started ?? (await startRun(db, plan)); run; run = await startRun(db, plan)) {
    for await (const status of watchRun(db, run.id, watching)) {
      last = status
      onStatus?.(status)
    }
    if (!run.resumed) break
  }
  return last
}
