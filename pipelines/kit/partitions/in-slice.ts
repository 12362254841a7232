import { type Expression, sql, type SqlBool } from 'kysely'

import type { Slice } from './slice.ts'

/** The columns that say which part of a table a row is in. */
export interface SliceColumns<Column> {
  /** A day of the time dimension's zone. */
  day?: Column
  /** An instant. */
  instant?: Column
  /** The value of a fixed dimension. */
  value?: Column
}

/**
 * Whether a row is in the slice, by the columns given: `inSlice({ day: ref('business_date') }, slice)`.
 * The last day or instant is outside. A dimension that the slice does not limit leaves no row out.
 * `marginDays` takes in so many more at both ends, for rows that are dated by another zone.
 */
export function inSlice(
  { day, instant, value }: SliceColumns<Expression<string | null>>,
  { days, instants, value: only }: Slice,
  { marginDays = 0 } = {},
): Expression<SqlBool> {
  const margin = sql.raw(marginDays === 0 ? '' : ` - interval '${marginDays} days'`)
  const more = sql.raw(marginDays === 0 ? '' : ` + interval '${marginDays} days'`)
  const limits: Expression<unknown>[] = []
  if (day && days)
    limits.push(sql`${day} >= ${days.from}::date${margin} and ${day} < ${days.to}::date${more}`)
  if (instant && instants)
    limits.push(
      sql`${instant} >= ${instants.from}::timestamptz${margin} and ${instant} < ${instants.to}::timestamptz${more}`,
    )
  if (value && only !== null) limits.push(sql`${value} = ${only}`)
  return limits.length === 0 ? sql`true` : sql`(${sql.join(limits, sql` and `)})`
}
