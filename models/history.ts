import { type Expression, sql } from 'kysely'
import * as z from 'zod'

import { day } from '#kit/columns.ts'

/** The columns that say when a row of a history (a slowly changing dimension, type 2) holds. */
export const heldColumns = z.object({
  valid_from: day().describe('First day the row holds, as sent'),
  valid_to: day().nullable().describe('Last day the row holds; null for the newest'),
  counts_from: day().describe(
    'First day it is joined for: the first row of a history holds for all time before it too',
  ),
}).shape

const beginningOfTime = sql<string>`date '0001-01-01'`

/** `valid_to` and `counts_from` of rows that each hold until the next one of the same entity. */
export const held = (entity: Expression<string>, validFrom: Expression<string>) => {
  const history = sql`over (partition by ${entity} order by ${validFrom})`
  return [
    sql<string | null>`(lead(${validFrom}) ${history} - 1)`.as('valid_to'),
    sql<string>`case row_number() ${history} when 1 then ${beginningOfTime} else ${validFrom} end`.as(
      'counts_from',
    ),
  ] as const
}

/** Whether a row of a history holds on a day. */
export const holdsOn = (
  on: Expression<string | null>,
  row: { counts_from: Expression<string | null>; valid_to: Expression<string | null> },
) =>
  sql<boolean>`(${on} >= ${row.counts_from} and (${row.valid_to} is null or ${on} <= ${row.valid_to}))`
