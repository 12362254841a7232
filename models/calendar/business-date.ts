import { type Expression, sql } from 'kysely'

/** The local date of an instant in a marketplace's zone: the day a business event belongs to. */
export const businessDate = (instant: Expression<string>, zone: Expression<string>) =>
  sql<string>`(${instant} at time zone ${zone})::date`
