import { CompiledQuery, sql, type Transaction } from 'kysely'

import type { AnyDatabase, Model } from '#kit/asset.ts'
import { whole } from '#kit/partitions/slice.ts'

import { FinalError, messageOf } from './errors.ts'

/** What a load did to its table. */
export interface Loaded {
  /** Rows read or written, as the asset counts them. */
  rows: number
  /** False if the table is as it was before: then nothing derived from it need run. */
  changed: boolean
  metadata: object
}

/**
 * Fills a model's table anew from its query. Who reads it meanwhile waits for the commit, or sees
 * the old rows if the load is rolled back. Truncated and filled in one transaction, the rows need no
 * WAL (wal_level minimal).
 */
export async function materialize(tx: Transaction<AnyDatabase>, model: Model): Promise<Loaded> {
  const table = sql.table(model.name)
  const columns = sql.join(Object.keys(model.contract.shape).map((column) => sql.ref(column)))
  try {
    const query = model.query(tx, whole).compile()
    // The query may yield its columns in any order, and more of them.
    const head = sql`insert into ${table} (${columns}) select ${columns} from`.compile(tx).sql

    await sql`truncate ${table}`.execute(tx)
    const { numAffectedRows } = await withoutKey(tx, model, () =>
      tx.executeQuery(CompiledQuery.raw(`${head} (${query.sql}) as built`, [...query.parameters])),
    )
    // The next model's plan is only as good as what Postgres knows of this table.
    await sql`analyze ${table}`.execute(tx)
    return { rows: Number(numAffectedRows ?? 0), changed: true, metadata: {} }
  } catch (error) {
    if (!isOfTheStatement(error)) throw error
    throw new FinalError(`${model.name} cannot be built: ${messageOf(error)}`, { cause: error })
  }
}

/** Fills a table without its primary key: made afterwards, it costs a third of the time. */
async function withoutKey<Result>(
  tx: Transaction<AnyDatabase>,
  { name }: Model,
  fill: () => Promise<Result>,
): Promise<Result> {
  const { rows } = await sql<{ key: string; definition: string }>`
    select conname as key, pg_get_constraintdef(oid) as definition from pg_constraint
    where conrelid = ${name}::regclass and contype = 'p'`.execute(tx)
  const [constraint] = rows
  if (!constraint) return await fill()
  const table = sql.table(name)
  const key = sql.ref(constraint.key)
  await sql`alter table ${table} drop constraint ${key}`.execute(tx)
  const result = await fill()
  await sql`alter table ${table} add constraint ${key} ${sql.raw(constraint.definition)}`.execute(
    tx,
  )
  return result
}

/** Bad data (22), a broken constraint (23), a statement that cannot run (42): the same next time. */
function isOfTheStatement(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^(22|23|42)/.test(code)
}
