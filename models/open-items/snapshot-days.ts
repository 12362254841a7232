import { type Expression, sql } from 'kysely'

/**
 * The snapshot days that see a state: every Sunday, and the as-of day, from its first day until the
 * day it was over (null: it lasts). It must have begun by the as-of day.
 */
export const snapshotDays = (state: {
  from: Expression<string>
  until: Expression<string | null>
  asOf: Expression<string>
}) => {
  const { from, until, asOf } = state
  const lastDay = sql<string>`case when ${until} <= ${asOf} then ${until} - 1 else ${asOf} end`
  // The as-of day's week is not over: that snapshot is taken on the as-of day, not on its Sunday.
  const lastWeek = sql<number>`case when ${until} <= ${asOf} then ${sundaysBy(lastDay)} else ${weeksBegunBy(asOf)} end`
  // The fence keeps the day from being worked out anew for each of its uses.
  return sql<{ day: string }>`(
    select least(${sunday} + 7 * week, ${asOf}) as day
    from generate_series(${weeksBegunBy(from)}, ${lastWeek}) as week
    offset 0
  )`
}

/** A Sunday before any business day; weeks are counted from it in whole numbers. */
const sunday = sql<string>`date '1999-01-03'`

/** The number of the last Sunday that is not after a day. */
const sundaysBy = (day: Expression<string>) => sql<number>`(${day} - ${sunday}) / 7`

/** The number of the first Sunday that is not before a day. */
const weeksBegunBy = (day: Expression<string>) => sql<number>`(${day} - ${sunday} + 6) / 7`
