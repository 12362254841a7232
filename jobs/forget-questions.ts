import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

/** How long it is kept who asked what at the SQL endpoint. */
const days = 90

/** Forgets what was asked at the SQL endpoint long ago, at most so much at a time. */
export async function forgetOldQuestions(
  db: Kysely<AnyDatabase>,
  { atMost = 200 } = {},
): Promise<number> {
  const { rows } = await sql`
    delete from engine.sql_audit where id in (
      select id from engine.sql_audit
      where at < clock_timestamp() - ${days} * interval '1 day' order by at limit ${atMost}
    ) returning id`.execute(db)
  return rows.length
}
