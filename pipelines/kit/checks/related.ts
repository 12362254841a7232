import { sql } from 'kysely'

import type { Check } from '../asset.ts'
import { type Counting, type Has, within, worded } from './ready-made.ts'

/**
 * Every value has its counterpart in another table. Selects each value without one, with how many
 * rows have it; null is left to `notNull`.
 */
export function related<
  const Table extends string,
  const Column extends string,
  const To extends string,
  const ToColumn extends string = Column,
  const SliceColumn extends string = never,
>(
  table: Table,
  column: Column,
  options: Counting<SliceColumn> & {
    to: To
    /** Its name there; the same when left out. */
    toColumn?: ToColumn
  },
): Check<Has<Table, Column | SliceColumn> & Has<To, ToColumn>> {
  const { to, toColumn = column, counted = 'rows' } = options
  const value = sql.ref(column)
  return worded(
    {
      name: `every ${column} is in ${to}`,
      because: `Whoever joins ${to} loses these rows, and no total looks odd.`,
    },
    options,
    (_, slice) => sql`
      select ${value}, count(*) as ${sql.ref(counted)} from ${sql.table(table)}
      where ${value} is not null and ${within(options.slice, slice)} and not exists (
        select from ${sql.table(to)} as counterpart
        where counterpart.${sql.ref(toColumn)} = ${sql.ref(`${table}.${column}`)}
      )
      group by ${value}`,
  )
}
