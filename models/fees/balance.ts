import { type Expression, sql } from 'kysely'

/** What is left to pay of a fee, or how an event changed that. */
export const balance = (sums: {
  charge: Expression<number>
  cash: Expression<number>
  writeOff: Expression<number>
}) => sql<number>`(${sums.charge} - ${sums.cash} - ${sums.writeOff})`
