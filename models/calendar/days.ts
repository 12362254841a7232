import { type Expression, sql } from 'kysely'

/** A day so many days later; earlier when negative. */
export const plusDays = (day: Expression<string>, days: number) =>
  sql<string>`(${day} + ${sql.lit(days)})`

/** Whether a day is over when the last complete day is `asOf`. */
export const isReached = (day: Expression<string>, asOf: Expression<string>) =>
  sql<boolean>`(${day} <= ${asOf})`

/** Days from one day to a later one. */
export const daysBetween = (from: Expression<string>, to: Expression<string>) =>
  sql<number>`(${to} - ${from})`

/** The Monday that starts the ISO week of a day. */
export const mondayOf = (day: Expression<string>) =>
  sql<string>`(${day} + 1 - extract(isodow from ${day})::int)`

/** The earliest of some days; a null is no limit. */
export const earliest = (...days: Expression<string | null>[]) =>
  sql<string>`least(${sql.join(days)})`

/** The latest of some days; a null is no limit. */
export const latest = (...days: Expression<string | null>[]) =>
  sql<string>`greatest(${sql.join(days)})`

/** Every day from one to another, both included, as a table of `day`. */
export const eachDay = (from: Expression<string>, to: Expression<string>) =>
  sql<{ day: string }>`(select ${from} + n as day from generate_series(0, ${to} - ${from}) n)`
