import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

/**
 * Whether it is time again for something that one process does for all; who is told so does it. A time
 * far ahead was written by a machine whose clock was wrong, and counts as past.
 */
export async function isTimeFor(
  db: Kysely<AnyDatabase>,
  chore: string,
  { everySeconds, now }: { everySeconds: number; now: Date },
): Promise<boolean> {
  const at = now.toISOString()
  const { rows } = await sql`
    insert into engine.chore (name, done_at) values (${chore}, ${at})
    on conflict (name) do update set done_at = excluded.done_at
      where abs(extract(epoch from ${at}::timestamptz - chore.done_at)) >= ${everySeconds}
    returning name`.execute(db)
  return rows.length > 0
}
