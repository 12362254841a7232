import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { abandonAttempt, type Retry } from './attempt.ts'
import { presenceLock } from './presence.ts'
import type { ReadyStep } from './settle.ts'
import type { ClaimedStep } from './step.ts'

const atMost = 1_000

/** The worker that reconciles: its own number, and which steps it knows to be running. */
interface Self {
  worker: number | undefined
  isRunning: (step: ClaimedStep) => boolean
}

/**
 * Finds what the queue should carry: steps taken back from workers that are gone, and every step
 * that is ready. One that the queue still carries is left alone by `send`, so nothing is lost when
 * a queue is, and nothing runs twice when it is not. Several workers may do this at once.
 */
export async function reconcile(
  db: Kysely<AnyDatabase>,
  self: Self,
  retry: Retry,
): Promise<ReadyStep[]> {
  const { rows: suspects } = await sql<ClaimedStep>`
    select id, run, asset, attempt, failures from engine.step
    where state = 'running' and (worker = ${self.worker ?? null} or not exists (
      select from pg_locks
      where locktype = 'advisory' and granted
        and database = (select oid from pg_database where datname = current_database())
        and classid = ${presenceLock}::int8::oid and objid = step.worker::int8::oid and objsubid = 2
    ))
    limit ${atMost}`.execute(db)
  for (const step of suspects) if (!self.isRunning(step)) await abandonAttempt(db, step, retry)

  const { rows: ready } = await sql<ReadyStep>`
    select id as step, attempt from engine.step
    where state = 'ready' and ready_at <= clock_timestamp()
    order by id limit ${atMost}`.execute(db)
  return ready
}
