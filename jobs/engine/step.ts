import { type Kysely, sql, type Transaction } from 'kysely'
import type { Pool, PoolClient } from 'pg'

import type { AnyDatabase, Asset, Source } from '#kit/asset.ts'

import { judge, type Verdict } from './checks.ts'
import { codeVersion } from './code-version.ts'
import { FencedError, FinalError } from './errors.ts'
import { readsOf } from './graph.ts'
import { type Loaded, materialize } from './materialize.ts'
import { type Progress, progressOf } from './progress.ts'
import { recordChecks, recordMaterialization } from './record.ts'
import { lockRun, type ReadyStep, settleDone, type StepJob } from './settle.ts'
import { inTransaction } from './transaction.ts'

/** What a load is given besides its transaction. */
export interface LoadContext {
  /** The connection the transaction runs on. */
  client: PoolClient
  /** For work that is committed whether or not the step is. */
  pool: Pool
  /** Aborted when the run is cancelled or the worker closes: stop soon, the work is rolled back. */
  signal: AbortSignal
  progress: Progress
}

/** Brings a source's new files into its table; what was brought is published in the transaction given. */
export type LoadSource = (
  tx: Transaction<AnyDatabase>,
  source: Source,
  context: LoadContext,
) => Promise<Loaded>

/** What a step needs to run. */
export interface Workshop {
  db: Kysely<AnyDatabase>
  pool: Pool
  assets: ReadonlyMap<string, Asset>
  load: LoadSource
}

/** A step taken by a worker: nobody else runs this attempt. */
export interface ClaimedStep {
  id: number
  run: number
  asset: string
  attempt: number
  failures: number
}

/** Takes a ready step; nothing if the job is stale: run before, cancelled, or of an older attempt. */
export async function claim(
  db: Kysely<AnyDatabase>,
  job: StepJob,
  worker: number,
): Promise<ClaimedStep | undefined> {
  const { rows } = await sql<ClaimedStep>`
    update engine.step
    set state = 'running', worker = ${worker}, started_at = clock_timestamp(),
        progress = 0, note = null, error = null
    where id = ${job.step} and attempt = ${job.attempt} and state = 'ready'
    returning id, run, asset, attempt, failures`.execute(db)
  return rows[0]
}

/**
 * Materializes a claimed step's asset: load, checks, record and the children's count in one
 * transaction, which only commits if the attempt still owns the step. However often a step starts,
 * it takes effect once. The result is what may start now.
 */
export async function runStep(
  { db, pool, assets, load }: Workshop,
  step: ClaimedStep,
  signal: AbortSignal,
): Promise<ReadyStep[]> {
  const asset = assets.get(step.asset)
  if (!asset)
    throw new FinalError(
      `${step.asset} is in run ${step.run}, but no longer among the assets. ` +
        'It was planned by another version of the code; start a new run.',
    )
  const progress = progressOf(db, step)
  try {
    return await inTransaction(pool, signal, async ({ tx, client }) => {
      await oneLoadAtATime(tx, asset)
      const reads = await newestOf(tx, readsOf(asset))
      const context = { client, pool, signal, progress: progress.report }
      if (asset.kind === 'computed') throw new FinalError(`${asset.name} is computed.`)
      const loaded = await (asset.kind === 'source'
        ? load(tx, asset, context)
        : materialize(tx, asset))
      const verdicts: Verdict[] = loaded.changed ? await judge(tx, asset) : []
      signal.throwIfAborted()

      await lockRun(tx, step.run)
      await holdFence(tx, step)
      await recordChecks(tx, step, verdicts)
      await recordMaterialization(tx, step, {
        ...loaded,
        reads,
        codeVersion: codeVersion(asset),
      })
      return await settleDone(tx, step, loaded.changed)
    })
  } finally {
    await progress.end()
  }
}

/** Two runs, or an attempt and its forerunner that is not yet gone, never load a table together. */
async function oneLoadAtATime(tx: Transaction<AnyDatabase>, asset: Asset): Promise<void> {
  await sql`select pg_advisory_xact_lock(${loadLock}, hashtext(${asset.name}))`.execute(tx)
}

const loadLock = 7_326_873

/** Throws unless this attempt still owns the step, which then stays so until the commit. */
async function holdFence(tx: Transaction<AnyDatabase>, step: ClaimedStep): Promise<void> {
  const { rows } = await sql`
    select from engine.step
    where id = ${step.id} and attempt = ${step.attempt} and state = 'running' for update`.execute(
    tx,
  )
  if (rows.length === 0)
    throw new FencedError(`Attempt ${step.attempt} at ${step.asset} no longer owns its step.`)
}

/** For each asset its newest materialization, taken before reading it: at worst it is built once more. */
async function newestOf(
  tx: Transaction<AnyDatabase>,
  names: readonly string[],
): Promise<Record<string, number>> {
  if (names.length === 0) return {}
  const { rows } = await sql<{ asset: string; id: number }>`
    select asset, id from unnest(${names}::text[]) as asset cross join lateral (
      select id from engine.materialization as m
      where m.asset = asset.asset and partition = '' order by id desc limit 1
    ) as newest`.execute(tx)
  return Object.fromEntries(rows.map(({ asset, id }) => [asset, id]))
}
