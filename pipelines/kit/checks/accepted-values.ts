import { sql } from 'kysely'

import type { Check } from '../asset.ts'
import { listed } from '../words.ts'
import { type Counting, type Has, within, worded } from './ready-made.ts'

type Value = string | number | boolean

/** What a column with such values holds. */
type Kind<V> = V extends string ? string : V extends number ? number : boolean

/**
 * The column holds these values and no other. Selects each other value with how many rows have it;
 * null is left to `notNull`.
 */
export function acceptedValues<
  const Table extends string,
  const Column extends string,
  const V extends Value,
  const SliceColumn extends string = never,
>(
  table: Table,
  column: Column,
  values: readonly [V, ...V[]],
  options: Counting<SliceColumn> = {},
): Check<Has<Table, Column, Kind<V> | null> & Has<Table, SliceColumn>> {
  const value = sql.ref(column)
  return worded(
    {
      name: `${column} is one of ${listed(values.map(String))}`,
      because: 'A value that nobody planned for is in no group, and the groups miss the total.',
    },
    options,
    (_, slice) => sql`
      select ${value}, count(*) as ${sql.ref(options.counted ?? 'rows')} from ${sql.table(table)}
      where ${value} not in (${sql.join(values)}) and ${within(options.slice, slice)}
      group by ${value}`,
  )
}
