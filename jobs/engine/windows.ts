import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'
import { locks } from '#jobs/postgres/locks.ts'

import { type Ready, readyIn } from './ready.ts'

/**
 * Lets as many waiting steps of a run go as it allows at once; none while it is paused. Call when one
 * of its steps has ended, or when it was told to go on. One at a time for each run: two that counted at
 * once would both find the same room.
 */
export async function letGo(db: Kysely<AnyDatabase>, run: number): Promise<Ready[]> {
  if (db.isTransaction) return await fillRoom(db, run)
  return await db.transaction().execute((tx) => fillRoom(tx, run))
}

async function fillRoom(tx: Kysely<AnyDatabase>, run: number): Promise<Ready[]> {
  await sql`select pg_advisory_xact_lock(${locks.window}, ${run}::int4)`.execute(tx)
  const { rows } = await sql<{ pool: string }>`
    with room as (
      select run.id, run.at_once - (
        select count(*) from engine.step as busy
        where busy.run = run.id and busy.state in ('ready', 'running')
      ) as steps
      from engine.run as run
      where run.id = ${run} and run.state = 'running' and not run.paused
    )
    update engine.step set state = 'ready', ready_at = clock_timestamp()
    from (
      select step.id from room cross join lateral (
        select id from engine.step
        where step.run = room.id and step.state = 'waiting'
        order by id limit greatest(coalesce(room.steps, 1000000000), 0)
        for no key update
      ) as step
    ) as next
    where step.id = next.id
    returning step.pool`.execute(tx)
  return readyIn(rows.map(({ pool }) => pool))
}
