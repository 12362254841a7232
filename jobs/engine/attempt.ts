import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Retry } from '#kit/asset.ts'

import { CheckFailed } from './checks.ts'
import type { ClaimedStep } from './claim.ts'
import { isFinal, messageOf } from './errors.ts'
import type { Ready } from './ready.ts'
import { recordChecks } from './record.ts'
import { lockRun, settleFailed } from './settle.ts'

/** Ends an attempt that failed: tried again later, or for good with all that derives from it. */
export async function failAttempt(
  db: Kysely<AnyDatabase>,
  step: ClaimedStep,
  error: unknown,
  retry: Retry,
): Promise<Ready[]> {
  const delayMs = retryIn(step, error, retry)
  if (delayMs !== undefined)
    return await tryAgain(db, step, {
      failures: step.failures + 1,
      error: messageOf(error),
      delayMs,
    })

  await db.transaction().execute(async (tx) => {
    await lockRun(tx, step.run)
    const { rows } = await sql`
      select from engine.step
      where id = ${step.id} and attempt = ${step.attempt} and state = 'running'
      for update`.execute(tx)
    if (rows.length === 0) return
    if (error instanceof CheckFailed) await recordChecks(tx, step, error.verdicts)
    await settleFailed(tx, step, messageOf(error))
  })
  return []
}

/** For how long a step that failed waits until it is tried again; undefined: it failed for good. */
export function retryIn(
  { failures }: ClaimedStep,
  error: unknown,
  { limit, backoffMs }: Retry,
): number | undefined {
  if (isFinal(error) || failures + 1 >= limit) return undefined
  return backoffMs * 2 ** failures
}

/** Gives back a step that was interrupted through no fault of its own. */
export async function releaseAttempt(db: Kysely<AnyDatabase>, step: ClaimedStep): Promise<Ready[]> {
  return await tryAgain(db, step, { failures: step.failures, error: null, delayMs: 0 })
}

/** Takes back a step whose worker is gone; one that ends its workers too often fails. */
export async function abandonAttempt(
  db: Kysely<AnyDatabase>,
  step: ClaimedStep,
  retry: Retry,
): Promise<Ready[]> {
  const gone = new Error(`Its worker ended without a word, ${step.failures + 1} times so far.`)
  return await failAttempt(db, step, gone, { ...retry, backoffMs: 0 })
}

/** Does nothing if the step went to another attempt, or its run was cancelled. */
async function tryAgain(
  db: Kysely<AnyDatabase>,
  step: ClaimedStep,
  { failures, error, delayMs }: { failures: number; error: string | null; delayMs: number },
): Promise<Ready[]> {
  const { rows } = await sql<{ pool: string }>`
    update engine.step
    set state = 'ready', attempt = attempt + 1, failures = ${failures}, error = ${error},
        worker = null, progress = 0, note = null,
        ready_at = clock_timestamp() + ${delayMs} * interval '1 ms'
    where id = ${step.id} and attempt = ${step.attempt} and state = 'running'
    returning pool`.execute(db)
  return rows.map(({ pool }) => ({ pool, steps: 1, delayMs }))
}
