import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Model } from '#kit/asset.ts'
import { dimensionsOf } from '#kit/partitions/dimension.ts'
import { type Slice, whole } from '#kit/partitions/slice.ts'

import { FinalError, messageOf } from './errors.ts'
import { sliceFilter } from './slice-filter.ts'

/**
 * Fills a model's table anew from its query and says how many rows it has. Who reads it meanwhile
 * waits for the commit, or sees the old rows if the load is rolled back. Truncated and filled in one
 * transaction, the rows need no WAL (wal_level minimal). With a beginning, only its slices are filled:
 * what has not ended yet stays out.
 */
export async function fillAll(
  tx: Kysely<AnyDatabase>,
  model: Model,
  slices: readonly Slice[],
): Promise<number> {
  const time = model.partitionedBy && dimensionsOf(model.partitionedBy).time
  const parts = time?.from ? slices : [whole]
  return await building(model, async () => {
    await sql`truncate ${sql.table(model.name)}`.execute(tx)
    const rows = await withoutKey(tx, model, () => insertAll(tx, model, parts))
    // The next model's plan is only as good as what Postgres knows of this table.
    await sql`analyze ${sql.table(model.name)}`.execute(tx)
    return rows
  })
}

/** Replaces slices of a model's table; the result is how many rows they have. */
export async function fillSlices(
  tx: Kysely<AnyDatabase>,
  model: Model,
  slices: readonly Slice[],
): Promise<number> {
  return await building(model, async () => {
    const table = sql.table(model.name)
    for (const slice of slices)
      await sql`delete from ${table} where ${sliceFilter(model, slice)}`.execute(tx)
    const rows = await insertAll(tx, model, slices)
    if (rows >= worthAnalyzing) await sql`analyze ${table}`.execute(tx)
    return rows
  })
}

const worthAnalyzing = 10_000

async function insertAll(
  tx: Kysely<AnyDatabase>,
  model: Model,
  slices: readonly Slice[],
): Promise<number> {
  let rows = 0
  for (const slice of slices) rows += await insert(tx, model, slice)
  return rows
}

async function insert(tx: Kysely<AnyDatabase>, model: Model, slice: Slice): Promise<number> {
  const columns = sql.join(Object.keys(model.contract.shape).map((column) => sql.ref(column)))
  // The query may yield its columns in any order, and more of them, and rows of other partitions.
  const { numAffectedRows } = await sql`
    insert into ${sql.table(model.name)} (${columns})
    select ${columns} from (${model.query(tx, slice)}) as built
    where ${sliceFilter(model, slice)}`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** Fills a table without its primary key: made afterwards, it costs a third of the time. */
async function withoutKey<Result>(
  tx: Kysely<AnyDatabase>,
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

async function building<Result>({ name }: Model, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isOfTheStatement(error)) throw error
    throw new FinalError(`${name} cannot be built: ${messageOf(error)}`, { cause: error })
  }
}

/** Bad data (22), a broken constraint (23), a statement that cannot run (42): the same next time. */
function isOfTheStatement(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^(22|23|42)/.test(code)
}
