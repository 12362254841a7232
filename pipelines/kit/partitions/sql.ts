/** Partitions as Postgres names them, for rows that are there already. All names are quoted. */
import { escapeIdentifier, escapeLiteral } from 'pg'
import type { Contract } from '../asset.ts'
import { columns } from '../table.ts'
import type { Dimension, PartitionedBy, TimeDimension } from './dimension.ts'

/** A table of which the rows' partitions are asked for. */
export interface Divided {
  name: string
  contract: Contract
  partitionedBy: PartitionedBy
}

const patterns = { day: 'YYYY-MM-DD', week: 'IYYY"-W"IW', month: 'YYYY-MM' }

/**
 * The names of the partitions that have rows of a query over the table, whose alias is `of`:
 * `partitionsSql(asset, 'raw.fee as t where load_id = 3', 't')`. A clock is read once a row, a name is
 * made once a partition.
 */
export function partitionsSql(table: Divided, from: string, of: string): string {
  const parts = partsOf(table, of)
  return `select ${nameSql(parts)} as partition
    from (select distinct ${parts.map(({ sql, as }) => `${sql} as ${as}`).join(', ')} from ${from}) as divided`
}

/** The same with the number of rows of each. */
export function rowsByPartitionSql(table: Divided, from: string, of: string): string {
  const parts = partsOf(table, of)
  return `select ${nameSql(parts)} as partition, rows
    from (
      select ${parts.map(({ sql, as }) => `${sql} as ${as}`).join(', ')}, count(*) as rows
      from ${from} group by ${parts.map((_, place) => place + 1).join(', ')}
    ) as divided`
}

interface Part {
  dimension: Dimension
  /** The value, or the first day of the period. */
  sql: string
  as: string
}

/** A name has the value first. */
function partsOf({ contract, partitionedBy, name }: Divided, of: string): Part[] {
  const types = new Map(columns({ name, contract }).map((column) => [column.name, column.type]))
  return Object.entries(partitionedBy)
    .sort(([, { kind }]) => (kind === 'fixed' ? -1 : 1))
    .map(([column, dimension], place) => {
      const value = `${of}.${escapeIdentifier(column)}`
      const hasClock = types.get(column) === 'timestamptz'
      const sql = dimension.kind === 'fixed' ? value : firstDaySql(value, dimension, hasClock)
      return { dimension, sql, as: `part_${place}` }
    })
}

function firstDaySql(value: string, { unit, zone }: TimeDimension, hasClock: boolean): string {
  const local = hasClock ? `${value} at time zone ${escapeLiteral(zone)}` : `${value}::timestamp`
  return unit === 'day' ? `(${local})::date` : `date_trunc('${unit}', ${local})::date`
}

function nameSql(parts: readonly Part[]): string {
  const names = parts.map(({ dimension, as }) =>
    dimension.kind === 'fixed' ? as : `to_char(${as}, '${patterns[dimension.unit]}')`,
  )
  return `concat_ws('/', ${names.join(', ')})`
}
