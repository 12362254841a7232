import { type Expression, sql } from 'kysely'

/** The group of a reason code: null without a code, 'unmapped' where dim_reason does not know it. */
export const reasonGroup = (code: Expression<string | null>, group: Expression<string | null>) =>
  sql<string | null>`case when ${code} is not null then coalesce(${group}, 'unmapped') end`
