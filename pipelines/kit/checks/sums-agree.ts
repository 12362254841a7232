import { type Kysely, sql } from 'kysely'

import type { Check, RowsQuery } from '../asset.ts'
import type { Slice } from '../partitions/slice.ts'
import { type Wording, worded } from './ready-made.ts'

/** Yields amounts with the columns of their group, any number of rows a group. */
type Amounts<DB, By extends string> = (
  db: Kysely<DB>,
  slice: Slice,
) => RowsQuery<{ [column in By]: unknown } & { amount: number | string | null }>

/**
 * Two ways to the same sums, such as opening + charges - cash and closing. Selects the groups where
 * they differ, with both sums and the difference, exactly; a group that one side lacks is 0 there.
 * The queries name the tables they read in the type of their `db`.
 */
export function sumsAgree<Left, Right, const By extends string>(
  options: Wording & {
    name: string
    /** The columns of a group; null is a group of its own. */
    by: readonly [By, ...By[]]
    left: Amounts<Left, By>
    right: Amounts<Right, By>
    /** What the two sums are called; left and right when left out. */
    called?: readonly [string, string]
  },
): Check<Left & Right> {
  const { name, by, left, right, called = ['left', 'right'] } = options
  const group = sql.join(by.map((column) => sql.ref(column)))
  const [one, other] = called.map((word) => sql.ref(word))
  return worded(
    { name, because: 'What only one side has is lost, or counted twice, and no total looks odd.' },
    options,
    (db, slice) => sql`
      select *, ${one} - ${other} as ${sql.ref(called.join('_less_'))}
      from (
        select ${group}, coalesce(sum(of_one), 0) as ${one}, coalesce(sum(of_other), 0) as ${other}
        from (
          select ${group}, amount::numeric as of_one, null::numeric as of_other
          from ${left(db, slice)} as one
          union all
          select ${group}, null, amount::numeric from ${right(db, slice)} as other
        ) as amounts
        group by ${group}
      ) as sums
      where ${one} <> ${other}`,
  )
}
