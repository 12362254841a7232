import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

/** What a job on the queue names: a step, and which attempt at it. */
export interface StepJob {
  step: number
  attempt: number
}

/** An attempt at a step that may start, at the earliest after so many milliseconds. */
export interface ReadyStep extends StepJob {
  delayMs?: number
}

/**
 * Runs work that ends steps of a run, alone: a run's steps end one at a time, so that two parents of
 * one child cannot wait for each other and the last step is known to be the last.
 */
export async function lockRun(tx: Kysely<AnyDatabase>, run: number): Promise<void> {
  await sql`select from engine.run where id = ${run} for no key update`.execute(tx)
}

/** Ends a step as done; the result is what may start now. Call with the run locked. */
export async function settleDone(
  tx: Kysely<AnyDatabase>,
  step: { id: number; run: number; asset: string },
  changed: boolean,
): Promise<ReadyStep[]> {
  await sql`
    update engine.step set state = 'done', progress = 1, finished_at = clock_timestamp()
    where id = ${step.id}`.execute(tx)
  const ready = await moveOn(tx, [step.id], changed ? `${step.asset} changed` : null)
  if (ready.length === 0) await closeRun(tx, step.run)
  return ready
}

/** Ends a step as failed and everything derived from it as skipped. Call with the run locked. */
export async function settleFailed(
  tx: Kysely<AnyDatabase>,
  step: { id: number; run: number; asset: string },
  error: string,
): Promise<void> {
  await sql`
    update engine.step
    set state = 'failed', error = ${error}, failures = failures + 1, finished_at = clock_timestamp()
    where id = ${step.id}`.execute(tx)
  await sql`
    with recursive derived as (
      select down from engine.edge where up = ${step.id}
      union
      select edge.down from engine.edge join derived on edge.up = derived.down
    )
    update engine.step
    set state = 'skipped', error = ${`${step.asset} failed`}, finished_at = clock_timestamp()
    where id in (select down from derived) and state = 'blocked'`.execute(tx)
  await closeRun(tx, step.run)
}

/**
 * Counts ended steps off their children. A child that no longer waits is ready if it has a reason to
 * run, its own or a changed parent; else it keeps what it has, and its children move on in turn.
 */
async function moveOn(
  tx: Kysely<AnyDatabase>,
  ended: readonly number[],
  reason: string | null,
): Promise<ReadyStep[]> {
  const { rows } = await sql<StepJob & { state: string }>`
    update engine.step as child
    set pending = child.pending - counted.parents,
        reason = coalesce(child.reason, ${reason}),
        state = case
          when child.pending > counted.parents then 'blocked'
          when coalesce(child.reason, ${reason}) is null then 'unchanged'
          else 'ready' end,
        ready_at = case when child.pending = counted.parents then clock_timestamp() end
    from (
      select down, count(*) as parents from engine.edge where up = any(${ended}) group by down
    ) as counted
    where child.id = counted.down and child.state = 'blocked'
    returning child.id as step, child.attempt, child.state`.execute(tx)
  const unchanged = rows.filter(({ state }) => state === 'unchanged').map(({ step }) => step)
  const further = unchanged.length > 0 ? await moveOn(tx, unchanged, null) : []
  const ready = rows.filter(({ state }) => state === 'ready')
  return [...ready.map(({ step, attempt }) => ({ step, attempt })), ...further]
}

/** Ends the run when its last step has ended. */
async function closeRun(tx: Kysely<AnyDatabase>, run: number): Promise<void> {
  await sql`
    update engine.run
    set finished_at = clock_timestamp(),
        state = case when exists (
          select from engine.step where run = ${run} and state = 'failed'
        ) then 'failed' else 'done' end
    where id = ${run} and state = 'running' and not exists (
      select from engine.step where run = ${run} and state in ('blocked', 'ready', 'running')
    )`.execute(tx)
}
