import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

/** How long an alert that is over is kept, with its notices. */
const days = 30

/** Forgets alerts that ended long ago; the result is how many. */
export async function forgetOldAlerts(db: Kysely<AnyDatabase>, { atMost = 1_000 } = {}) {
  const { rows } = await sql`
    delete from engine.alert where id in (
      select id from engine.alert
      where resolved_at < clock_timestamp() - ${days} * interval '1 day' order by id limit ${atMost}
    ) returning id`.execute(db)
  return rows.length
}
