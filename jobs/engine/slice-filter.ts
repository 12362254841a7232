import { type Expression, type Kysely, sql, type SqlBool } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import { inSlice } from '#kit/partitions/in-slice.ts'
import type { Slice } from '#kit/partitions/slice.ts'
import { rowsByPartitionSql } from '#kit/partitions/sql.ts'
import { columns } from '#kit/table.ts'

/** Rows of an asset's table, or of a query with its columns, that belong to a slice. */
export function sliceFilter(asset: Asset, slice: Slice): Expression<SqlBool> {
  const columnsOf = Object.entries(asset.partitionedBy ?? {}).map(([column, dimension]) => {
    if (dimension.kind === 'fixed') return ['value', sql.ref<string>(column)]
    return [isInstant(asset, column) ? 'instant' : 'day', sql.ref<string>(column)]
  })
  return inSlice(Object.fromEntries(columnsOf), slice)
}

/** The rows of each partition that has any, among those of the slices; of all when none is given. */
export async function rowsByPartition(
  db: Kysely<AnyDatabase>,
  asset: Asset,
  slices: readonly Slice[],
): Promise<Map<string, number>> {
  const { name, contract, partitionedBy } = asset
  if (!partitionedBy) return new Map()
  const inAny = slices.map((slice) => sql`(${sliceFilter(asset, slice)})`)
  const where = inAny.length === 0 ? sql`true` : sql.join(inAny, sql` or `)
  const text = rowsByPartitionSql({ name, contract, partitionedBy }, 'chosen', 'chosen')
  const { rows } = await sql<{ partition: string; rows: number }>`
    with chosen as not materialized (select * from ${sql.table(name)} where ${where})
    ${sql.raw(text)}`.execute(db)
  return new Map(rows.map((row) => [row.partition, row.rows]))
}

function isInstant(asset: Asset, column: string): boolean {
  return columns(asset).find(({ name }) => name === column)?.type === 'timestamptz'
}
