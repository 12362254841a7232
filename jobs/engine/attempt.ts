import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { CheckFailed } from './checks.ts'
import { isFinal, messageOf } from './errors.ts'
import { recordChecks } from './record.ts'
import { lockRun, type ReadyStep, settleFailed } from './settle.ts'
import type { ClaimedStep } from './step.ts'

/** How often a step may fail, and how long it waits after the first failure; each next wait doubles. */
export interface Retry {
  limit: number
  backoffMs: number
}

/** Ends an attempt that failed: tried again later, or for good with all that derives from it. */
export async function failAttempt(
  db: Kysely<AnyDatabase>,
  step: ClaimedStep,
  error: unknown,
  { limit, backoffMs }: Retry,
): Promise<ReadyStep[]> {
  if (!isFinal(error) && step.failures + 1 < limit)
    return await tryAgain(db, step, {
      failures: step.failures + 1,
      error: messageOf(error),
      delayMs: backoffMs * 2 ** step.failures,
    })

  await whileOwned(db, step, async (tx) => {
    if (error instanceof CheckFailed) await recordChecks(tx, step, error.verdicts)
    await settleFailed(tx, step, messageOf(error))
  })
  return []
}

/** Gives back a step that was interrupted through no fault of its own. */
export async function releaseAttempt(
  db: Kysely<AnyDatabase>,
  step: ClaimedStep,
): Promise<ReadyStep[]> {
  return await tryAgain(db, step, { failures: step.failures, error: null, delayMs: 0 })
}

/** Takes back a step whose worker is gone; one that ends its workers too often fails. */
export async function abandonAttempt(
  db: Kysely<AnyDatabase>,
  step: ClaimedStep,
  retry: Retry,
): Promise<ReadyStep[]> {
  const gone = new Error(`Its worker ended without a word, ${step.failures + 1} times so far.`)
  return await failAttempt(db, step, gone, { ...retry, backoffMs: 0 })
}

async function tryAgain(
  db: Kysely<AnyDatabase>,
  step: ClaimedStep,
  { failures, error, delayMs }: { failures: number; error: string | null; delayMs: number },
): Promise<ReadyStep[]> {
  const attempt = step.attempt + 1
  const owned = await whileOwned(db, step, async (tx) => {
    await sql`
      update engine.step
      set state = 'ready', attempt = ${attempt}, failures = ${failures}, error = ${error},
          worker = null, progress = 0, note = null,
          ready_at = clock_timestamp() + ${delayMs} * interval '1 ms'
      where id = ${step.id}`.execute(tx)
  })
  return owned ? [{ step: step.id, attempt, delayMs }] : []
}

/** Does nothing if the step went to another attempt, or its run was cancelled. */
async function whileOwned(
  db: Kysely<AnyDatabase>,
  step: ClaimedStep,
  work: (tx: Kysely<AnyDatabase>) => Promise<void>,
): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    await lockRun(tx, step.run)
    const { rows } = await sql`
      select from engine.step
      where id = ${step.id} and attempt = ${step.attempt} and state = 'running' for update`.execute(
      tx,
    )
    if (rows.length > 0) await work(tx)
    return rows.length > 0
  })
}
