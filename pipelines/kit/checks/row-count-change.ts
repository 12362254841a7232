import { sql } from 'kysely'

import type { Check } from '../asset.ts'
import type { SliceColumns } from '../partitions/in-slice.ts'
import { type Has, type Wording, within, worded } from './ready-made.ts'

/**
 * The table, or its slice, has about as many rows as it had when it was last materialized. Selects
 * both numbers if they differ by more than this share of the earlier. Holds when there is nothing to
 * compare with: the first time, and after an empty table.
 */
export function rowCountChange<
  const Table extends `mart.${string}`,
  const SliceColumn extends string = never,
>(
  table: Table,
  options: Wording & {
    /** The share, such as 0.5: half as many rows, or half as many again. */
    atMost: number
    /** Which columns say that a row is in the slice: those that the table is partitioned by. */
    slice?: SliceColumns<SliceColumn>
  },
): Check<Has<Table, SliceColumn>> {
  const { atMost } = options
  if (!(atMost > 0 && atMost < 1))
    throw new Error(
      `rowCountChange('${table}'): atMost is ${atMost}, expected a share between 0 and 1 such as ` +
        '0.5 for half. A table that loses all its rows changes by 1.',
    )
  return worded(
    {
      name: `the number of rows changes by at most ${percent(atMost)}`,
      because: 'Half a file, or one that came twice, looks like a bad or a good week.',
    },
    options,
    (_, slice) => {
      const partitions = slice.keys.length === 0 ? [''] : slice.keys
      return sql`
        select rows_before, rows_now,
               round((rows_now - rows_before) * 100.0 / rows_before, 1) as change_percent
        from (
          select sum(rows)::int8 as rows_before, count(*) as partitions
          from engine.partition_state
          where asset = ${table} and partition = any(${partitions}::text[])
        ) as before
        cross join (
          select count(*) as rows_now from ${sql.table(table)} where ${within(options.slice, slice)}
        ) as now
        where partitions = ${partitions.length}::int8 and rows_before > 0
          and abs(rows_now - rows_before) > ${atMost}::numeric * rows_before`
    },
  )
}

const percent = (share: number) => `${Number((share * 100).toPrecision(6))} %`
