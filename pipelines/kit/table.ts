/** What a contract says about its table. */
import type * as z from 'zod'
import type { Asset, Contract } from './asset.ts'
import { columnType } from './columns.ts'
import { constraintsOf } from './rules/sql.ts'

/** One column of a contract, as its table, its documentation and its messages need it. */
export interface Column {
  name: string
  /** Postgres type. */
  type: string
  nullable: boolean
  description: string
  /** What a value must be, in words: 'a day such as 2026-10-14'. */
  expects: string
  /** The values of a closed list. */
  codes?: readonly string[]
}

/** The columns that lead from a raw row back to the line of the file it came from. */
const wayBack: readonly Column[] = [
  {
    name: 'load_id',
    type: 'int8',
    nullable: false,
    description: 'The load in raw.load that brought the row',
    expects: 'a load',
  },
  {
    name: 'line',
    type: 'int4',
    nullable: false,
    description: 'Line of the file, the header being 1',
    expects: 'a line number',
  },
]

/** The columns a contract declares, in its order. */
export function columns({ name, contract }: { name: string; contract: Contract }): Column[] {
  return Object.entries(contract.shape).map(([column, schema]) => {
    const described = schema as z.ZodType
    const { inner, nullable } = unwrap(described)
    const kind = columnType.get(inner)
    if (!kind)
      throw new Error(
        `${name}.${column} has no Postgres type. Write it with a kind of pipelines/kit/columns.ts: ` +
          'text, code, instant, day, month, timeOfDay, minor, count, decimal or flag.',
      )
    const codes = inner.type === 'enum' ? (inner as z.ZodEnum).options.map(String) : undefined
    const description = described.description ?? inner.description ?? ''
    return { name: column, ...kind, nullable, description, ...(codes && { codes }) }
  })
}

/** Every column of an asset's table: the contract's, and for a feed the way back to its source line. */
export function tableColumns(asset: Asset): Column[] {
  return asset.kind === 'source' ? [...columns(asset), ...wayBack] : columns(asset)
}

/**
 * The key of an asset's table: its grain. The column the table would be distributed by comes first:
 * it tells rows apart at once, where `source` is the same in millions of rows (a quarter of the time
 * of a load is saved by it).
 */
export function primaryKey({ grain, distributeBy }: Asset): string[] {
  return [...grain].sort((a, b) => Number(b === distributeBy) - Number(a === distributeBy))
}

/** The statement that creates an asset's table; migrations keep a frozen copy of it. */
export function createTableSql(asset: Asset): string {
  const lines = tableColumns(asset).map(
    ({ name, type, nullable }) => `${name} ${type}${nullable ? '' : ' not null'}`,
  )
  lines.push(`primary key (${primaryKey(asset).join(', ')})`)
  if (asset.kind === 'source')
    for (const { name, check } of constraintsOf(asset.rules))
      lines.push(`constraint ${name} check (${check})`)
  return `create table ${asset.name} (\n  ${lines.join(',\n  ')}\n)`
}

function unwrap(schema: z.ZodType): { inner: z.ZodType; nullable: boolean } {
  if (schema.type !== 'nullable') return { inner: schema, nullable: false }
  return { inner: (schema as z.ZodNullable<z.ZodType>).unwrap(), nullable: true }
}
