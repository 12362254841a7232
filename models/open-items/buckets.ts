import { type Expression, sql } from 'kysely'

/** Age bucket of a fee's balance, by days past due. A credit has none: it is never netted. */
export const feeBucket = (balance: Expression<number>, daysPastDue: Expression<number>) =>
  sql<string>`case
    when ${balance} < 0 then 'credit'
    when ${daysPastDue} <= 0 then 'current'
    when ${daysPastDue} <= 30 then '1-30'
    when ${daysPastDue} <= 60 then '31-60'
    when ${daysPastDue} <= 90 then '61-90'
    when ${daysPastDue} <= 180 then '91-180'
    when ${daysPastDue} <= 365 then '181-365'
    else '365+'
  end`

/** Age bucket of an open case, by days since its cycle started. */
export const caseBucket = (age: Expression<number>) =>
  sql<string>`case
    when ${age} < 1 then '0-1'
    when ${age} < 3 then '1-3'
    when ${age} < 7 then '3-7'
    when ${age} < 14 then '7-14'
    else '14+'
  end`
