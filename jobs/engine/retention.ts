import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { isPresent } from './presence.ts'

/** How long the record of ended runs is kept; materializations stay for ever. */
const days = 30

/**
 * Forgets what nobody asks for any more: runs that ended long ago with their steps, edges and logs,
 * results of checks but for the newest of each, and workers that are gone. At most so many runs at a
 * time, so that it never holds anything up.
 */
export async function forgetOld(db: Kysely<AnyDatabase>, { atMost = 200 } = {}): Promise<number> {
  const { rows } = await sql`
    delete from engine.run where id in (
      select id from engine.run
      where finished_at < clock_timestamp() - ${days} * interval '1 day' order by id limit ${atMost}
    ) returning id`.execute(db)
  await sql`
    delete from engine.check_result as old
    where checked_at < clock_timestamp() - ${days} * interval '1 day' and exists (
      select from engine.check_result as newer
      where newer.asset = old.asset and newer.partition = old.partition and newer.name = old.name
        and newer.id > old.id
    )`.execute(db)
  await sql`
    delete from engine.worker
    where seen_at < clock_timestamp() - interval '1 hour' and not ${isPresent(sql.ref('worker.id'))}`.execute(
    db,
  )
  return rows.length
}
