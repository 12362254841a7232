import { type Kysely, sql } from 'kysely'

import type { Asset } from '#kit/asset.ts'
import { createTableSql } from '#kit/table.ts'

import { locks } from './locks.ts'

/**
 * Makes the tables of assets that have none yet, as their contracts say; the result names them. So a new
 * asset needs no migration; a later change of its contract does, as its rows are there by then.
 */
export async function createTables(
  db: Kysely<unknown>,
  assets: readonly Asset[],
): Promise<string[]> {
  const missing = await missingTables(db, assets)
  if (missing.length === 0) return []
  return await db.transaction().execute(async (tx) => {
    // Two processes that start at once.
    await sql`select pg_advisory_xact_lock(${locks.tables}, 0)`.execute(tx)
    const still = await missingTables(tx, assets)
    for (const asset of still) await sql.raw(createTableSql(asset)).execute(tx)
    return still.map(({ name }) => name)
  })
}

async function missingTables(db: Kysely<unknown>, assets: readonly Asset[]): Promise<Asset[]> {
  const { rows } = await sql<{ name: string }>`
    select name from unnest(${assets.map(({ name }) => name)}::text[]) as name
    where not exists (
      select from pg_tables where schemaname || '.' || tablename = name
    )`.execute(db)
  const names = new Set(rows.map(({ name }) => name))
  return assets.filter(({ name }) => names.has(name))
}
