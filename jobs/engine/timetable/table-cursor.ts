import { sql } from 'kysely'

import { type Sensor, sensor } from './definition.ts'

type Common = Omit<Sensor, 'kind' | 'look' | 'description'> & {
  description?: string
  /** Grows with every new row: a number given in order, or the time that a row was written. */
  column: string
}

/**
 * Sees new rows of a table, or of a query, by a column that grows. The first time all rows are new. A
 * row that commits late, with a smaller value than one seen, is noticed with the next.
 */
export function tableCursor(
  definition: Common & ({ table: string; query?: never } | { query: string; table?: never }),
): Sensor {
  const { table, query, column, ...rest } = definition
  const from = table === undefined ? sql`(${sql.raw(query)})` : sql.table(table)
  const description = `New rows in ${table ?? 'a query'}, by ${column}`
  return sensor<string | null>({
    description,
    ...rest,
    async look({ db, cursor }) {
      const value = sql.ref(`seen.${column}`)
      // The database compares, in the column's own type.
      const { rows } = await sql<{ newest: string | null; count: number }>`
        select max(${value})::text as newest, count(*) as count from ${from} as seen
        ${cursor === null ? sql`` : sql`where ${value} > ${cursor}`}`.execute(db)
      const { newest = null, count = 0 } = rows[0] ?? {}
      return {
        cursor: newest ?? cursor,
        due: newest !== null,
        reason: `${count.toLocaleString('en')} new in ${table ?? rest.name}`,
      }
    },
  })
}
