import { sql } from 'kysely'

import type { AnyDatabase, Check } from '../asset.ts'
import { type Wording, worded } from './ready-made.ts'

/**
 * A rule as the SQL text that selects the rows that break it. The text may read one more table,
 * `slice`, of one row: `from_day`, `to_day`, `from_instant`, `to_instant` (the ends are outside;
 * infinite when the slice has none) and `value` (null when it has none).
 */
export function customSql(
  options: Wording & { name: string; because: string; sql: string },
): Check<AnyDatabase> {
  const text = options.sql.trim().replace(/;$/, '')
  return worded(options, options, (_, { days, instants, value }) => {
    const bound = (at: string | undefined, type: 'date' | 'timestamptz', end: string) =>
      sql`coalesce(${at ?? null}::${sql.raw(type)}, ${sql.lit(end)})`
    // The line break ends a comment on the text's last line.
    return sql`
      with slice as not materialized (
        select ${bound(days?.from, 'date', '-infinity')} as from_day,
               ${bound(days?.to, 'date', 'infinity')} as to_day,
               ${bound(instants?.from, 'timestamptz', '-infinity')} as from_instant,
               ${bound(instants?.to, 'timestamptz', 'infinity')} as to_instant,
               ${value}::text as value
      )
      select * from (
        ${sql.raw(text)}
      ) as rule`
  })
}
