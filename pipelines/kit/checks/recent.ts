import { sql } from 'kysely'

import type { Check } from '../asset.ts'
import { type Has, type Wording, worded } from './ready-made.ts'

/**
 * The newest instant in a column is at most so many hours old by the database's clock; a day is as
 * old as its end. Selects the newest and its age, also of a table that has none. It looks at the
 * whole table whatever the slice: loading an old day makes nothing old.
 */
export function recent<const Table extends string, const Column extends string>(
  table: Table,
  column: Column,
  options: Wording & {
    hours: number
    /** Of a column of days: where they end. UTC when left out. */
    zone?: string
  },
): Check<Has<Table, Column>> {
  const { hours, zone = 'UTC' } = options
  return worded(
    {
      name: `the newest ${column} is at most ${hours} hour${hours === 1 ? '' : 's'} old`,
      because: 'A feed that stopped looks like quiet days, and old numbers like those of today.',
    },
    options,
    () => sql`
      select newest, round(extract(epoch from now() - ended_at) / 3600, 1) as hours_old
      from (
        select newest, case
          when pg_typeof(newest) = 'date'::regtype
          then (newest::timestamp + interval '1 day') at time zone ${zone}
          else newest::timestamptz
        end as ended_at
        from (select max(${sql.ref(column)}) as newest from ${sql.table(table)}) as found
      ) as dated
      where newest is null or now() - ended_at > ${hours} * interval '1 hour'`,
  )
}
