import { sql } from 'kysely'

import type { Check } from '../asset.ts'
import { type Counting, type Has, within, worded } from './ready-made.ts'

/**
 * No two rows have the same key. Selects each key that occurs more than once, with how often. A key
 * of which a part is null is not compared.
 */
export function unique<
  const Table extends string,
  const Column extends string,
  const SliceColumn extends string = never,
>(
  table: Table,
  columns: readonly [Column, ...Column[]],
  options: Counting<SliceColumn> = {},
): Check<Has<Table, Column | SliceColumn>> {
  const key = sql.join(columns.map((column) => sql.ref(column)))
  const isWhole = sql.join(
    columns.map((column) => sql`${sql.ref(column)} is not null`),
    sql` and `,
  )
  return worded(
    {
      name: `${columns.join(', ')} ${columns.length === 1 ? 'is unique' : 'are unique together'}`,
      because: 'A row that is there twice counts twice in every sum, and so does what it joins.',
    },
    options,
    (_, slice) => sql`
      select ${key}, count(*) as ${sql.ref(options.counted ?? 'rows')} from ${sql.table(table)}
      where ${isWhole} and ${within(options.slice, slice)}
      group by ${key} having count(*) > 1`,
  )
}
