import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Retry } from '#kit/asset.ts'

import { abandonAttempt } from './attempt.ts'
import type { ClaimedStep } from './claim.ts'
import { isPresent } from './presence.ts'
import type { Ready } from './ready.ts'
import { closeRun } from './settle.ts'
import { letGo } from './windows.ts'

const atMost = 1_000

/** The worker that reconciles: its own number, and which steps it knows to be running. */
interface Self {
  worker: number | undefined
  isRunning: (step: ClaimedStep) => boolean
  retryOf: (asset: string) => Retry
  /** Hears of every step that was taken back from a worker that is gone. */
  onTakenBack: (step: AbandonedStep) => Promise<void>
}

/** A running step, and the worker that no longer runs it. */
export type AbandonedStep = ClaimedStep & { worker: number; pool: string }

/**
 * Mends what a death left: takes steps back from workers that are gone, lets waiting steps go, ends
 * runs that have nothing left, and counts what is ready, for the queues to carry. Nothing is lost when
 * a queue is. Several workers may do this at once.
 */
export async function reconcile(db: Kysely<AnyDatabase>, self: Self): Promise<Ready[]> {
  for (const step of await abandoned(db, self.worker))
    if (!self.isRunning(step)) {
      const taken = await abandonAttempt(db, step, self.retryOf(step.asset))
      if (taken.length > 0) await self.onTakenBack(step)
    }

  const { rows: runs } = await sql<{ id: number; isWindowed: boolean }>`
    select id, at_once is not null as "isWindowed" from engine.run where state = 'running'`.execute(
    db,
  )
  for (const { id, isWindowed } of runs) {
    if (isWindowed) await letGo(db, id)
    await closeRun(db, id)
  }

  const { rows: ready } = await sql<Ready>`
    select pool, count(*) as steps from engine.step
    where state = 'ready' and ready_at <= clock_timestamp() group by pool`.execute(db)
  return ready
}

/** Running steps whose worker holds its lock no more; of one's own, all. */
async function abandoned(
  db: Kysely<AnyDatabase>,
  worker: number | undefined,
): Promise<AbandonedStep[]> {
  const { rows } = await sql<AbandonedStep>`
    select id, run, asset, partition, keys, attempt, failures, priority, worker, pool from engine.step
    where state = 'running' and (worker = ${worker ?? null} or not ${isPresent(sql.ref('step.worker'))})
    limit ${atMost}`.execute(db)
  return rows
}
