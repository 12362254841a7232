import { type Expression, type Kysely, sql, type SqlBool } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import type { TimeDimension } from '#kit/partitions/dimension.ts'
import { inSlice } from '#kit/partitions/in-slice.ts'
import type { Slice } from '#kit/partitions/slice.ts'
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
  const columnsOf = Object.entries(asset.partitionedBy ?? {})
  // A key names the value first.
  const sorted = columnsOf.sort(([, { kind }]) => (kind === 'fixed' ? -1 : 1))
  const parts = sorted.map(([column, dimension]) =>
    dimension.kind === 'fixed'
      ? sql`${sql.ref(column)}`
      : periodOf(column, dimension, isInstant(asset, column)),
  )
  const inAny = slices.map((slice) => sql`(${sliceFilter(asset, slice)})`)
  const where = inAny.length === 0 ? sql`true` : sql.join(inAny, sql` or `)
  const { rows } = await sql<{ key: string; rows: number }>`
    select concat_ws('/', ${sql.join(parts)}) as key, count(*) as rows
    from ${sql.table(asset.name)} where ${where} group by 1`.execute(db)
  return new Map(rows.map((row) => [row.key, row.rows]))
}

const patterns = { day: 'YYYY-MM-DD', week: 'IYYY"-W"IW', month: 'YYYY-MM' }

/** The name of the period that a day or an instant is in. */
function periodOf(column: string, { unit, zone }: TimeDimension, hasTime: boolean) {
  const local = hasTime
    ? sql`${sql.ref(column)} at time zone ${sql.lit(zone)}`
    : sql`${sql.ref(column)}::timestamp`
  return sql<string>`to_char(${local}, ${sql.lit(patterns[unit])})`
}

function isInstant(asset: Asset, column: string): boolean {
  return columns(asset).find(({ name }) => name === column)?.type === 'timestamptz'
}
