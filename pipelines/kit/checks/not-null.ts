import { sql } from 'kysely'

import type { Check } from '../asset.ts'
import { type Has, type Wording, worded } from './ready-made.ts'

/** The column has a value in every row. Selects the rows without one, with all their columns. */
export function notNull<const Table extends string, const Column extends string>(
  table: Table,
  column: Column,
  options: Wording = {},
): Check<Has<Table, Column>> {
  return worded(
    {
      name: `every row has ${column}`,
      because: 'Sums pass over what is unknown and joins leave it out; no total looks odd.',
    },
    options,
    () => sql`select * from ${sql.table(table)} where ${sql.ref(column)} is null`,
  )
}
