import { type Kysely, sql } from 'kysely'
import type * as z from 'zod'

import type { AnyDatabase, Model, Source } from '#kit/asset.ts'
import { whole } from '#kit/partitions/slice.ts'

/** Lands rows in a feed's raw table, as the lines of one made-up file. */
export async function land<S extends Source>(
  db: Kysely<AnyDatabase>,
  source: S,
  rows: readonly z.input<S['contract']>[],
): Promise<void> {
  const lines = rows.map((row, index) => Object.assign({ load_id: 1, line: index + 1 }, row))
  if (lines.length > 0) await db.insertInto(source.name).values(lines).execute()
}

/** The rows a model's query yields, ordered by its grain. */
export async function rowsOf<M extends Model>(
  db: Kysely<AnyDatabase>,
  model: M,
): Promise<z.output<M['contract']>[]> {
  const order = sql.join(model.grain.map((column) => sql.ref(column)))
  const query = sql<z.output<M['contract']>>`
    select * from ${model.query(db, whole)} as row order by ${order}`
  return (await query.execute(db)).rows
}

/** Fills the tables of models with what their queries yield, in the order given. */
export async function build(db: Kysely<AnyDatabase>, ...models: readonly Model[]): Promise<void> {
  for (const { name, contract, query } of models) {
    const columns = sql.join(Object.keys(contract.shape).map((column) => sql.ref(column)))
    await sql`truncate ${sql.table(name)}`.execute(db)
    await sql`
      insert into ${sql.table(name)} (${columns}) select ${columns} from ${query(db, whole)} as row
    `.execute(db)
  }
}

/** The rows that break a check of a model, by the check's name; checks that hold are left out. */
export async function brokenChecks(
  db: Kysely<AnyDatabase>,
  model: Model,
): Promise<Record<string, object[]>> {
  const broken: Record<string, object[]> = {}
  for (const { name, broken: rule } of model.checks) {
    const { rows } = await sql<object>`select * from ${rule(db, whole)} as row`.execute(db)
    if (rows.length > 0) broken[name] = rows
  }
  return broken
}
