import { type Kysely, type RawBuilder, sql } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import type { TimeDimension } from '#kit/partitions/dimension.ts'
import type { Slice, Span } from '#kit/partitions/slice.ts'
import { columns } from '#kit/table.ts'

/** Rows of an asset's table, or of a query with its columns, that belong to a slice. */
export function sliceFilter(asset: Asset, slice: Slice): RawBuilder<boolean> {
  if (!asset.partitionedBy || slice.keys.length === 0) return sql`true`
  const types = new Map(columns(asset).map(({ name, type }) => [name, type]))
  const conditions = Object.entries(asset.partitionedBy).map(([column, dimension]) => {
    if (dimension.kind === 'fixed') return sql`${sql.ref(column)} = ${sql.lit(slice.value)}`
    const isInstant = types.get(column) === instant
    const { from, to } = spanOf(slice, isInstant)
    const type = sql.raw(isInstant ? 'timestamptz' : 'date')
    return sql`${sql.ref(column)} >= ${type} ${sql.lit(from)} and ${sql.ref(column)} < ${type} ${sql.lit(to)}`
  })
  return sql`${sql.join(conditions, sql` and `)}`
}

/** The rows of each partition that has any, among those of the slices. */
export async function rowsByPartition(
  db: Kysely<AnyDatabase>,
  asset: Asset,
  slices: readonly Slice[],
): Promise<Map<string, number>> {
  const types = new Map(columns(asset).map(({ name, type }) => [name, type]))
  const parts = Object.entries(asset.partitionedBy ?? {}).map(([column, dimension]) =>
    dimension.kind === 'fixed'
      ? sql`${sql.ref(column)}`
      : periodOf(column, dimension, types.get(column) === instant),
  )
  const inAny = sql.join(
    slices.map((slice) => sql`(${sliceFilter(asset, slice)})`),
    sql` or `,
  )
  const { rows } = await sql<{ key: string; rows: number }>`
    select concat_ws('/', ${sql.join(parts)}) as key, count(*) as rows
    from ${sql.table(asset.name)} where ${inAny} group by 1`.execute(db)
  return new Map(rows.map((row) => [row.key, row.rows]))
}

const instant = 'timestamptz'
const patterns = { day: 'YYYY-MM-DD', week: 'IYYY"-W"IW', month: 'YYYY-MM' }

/** The name of the period that a day or an instant is in. */
export function periodOf(column: string, { unit, zone }: TimeDimension, isInstant: boolean) {
  const local = isInstant
    ? sql`${sql.ref(column)} at time zone ${sql.lit(zone)}`
    : sql`${sql.ref(column)}::timestamp`
  return sql<string>`to_char(${local}, ${sql.lit(patterns[unit])})`
}

function spanOf(slice: Slice, isInstant: boolean): Span {
  const span = isInstant ? slice.instants : slice.days
  if (!span) throw new Error(`The slice ${slice.keys.join(', ')} has no time.`)
  return span
}
