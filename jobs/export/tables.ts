import pg from 'pg'

import { tableColumns } from '#kit/table.ts'
import { listed } from '#kit/words.ts'
import { models } from '#models/models.ts'
import { sources } from '#pipelines/sources.ts'

import { UsageError } from '../terminal/mistakes.ts'
import { didYouMean } from '../terminal/nearest.ts'
import { type Column, type Decimal, unitOf } from './column.ts'
import type { Session } from './session.ts'
import type { Asked, Subject } from './subject.ts'

/** A table as the server knows it. */
export interface Table {
  /** With its schema: `mart.fact_fee`. */
  name: string
  schema: string
  relation: string
  rows: number | null
  columns: { name: string; type: string; modifier: number; nullable: boolean }[]
}

/** Every table that can be exported: what was loaded, and what derives from it. */
export async function readTables(session: Session): Promise<Table[]> {
  const tables = await session.query<Table>(`
    select
      n.nspname || '.' || c.relname as name,
      n.nspname as schema,
      c.relname as relation,
      nullif(c.reltuples, -1)::float8 as rows,
      json_agg(json_build_object(
        'name', a.attname, 'type', t.typname, 'modifier', a.atttypmod, 'nullable', not a.attnotnull
      ) order by a.attnum) as columns
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    where n.nspname in ('mart', 'raw') and c.relkind in ('r', 'p', 'v', 'm')
      and not c.relispartition
    group by c.oid, n.nspname, c.relname
    order by name`)
  if (tables.length > 0) return tables
  throw new Error('The warehouse has no tables of this Recoup yet. Make them: npm start')
}

/** The table of that name; its schema may be left out when one table has the name. */
export function findTable(tables: readonly Table[], name: string): Table | undefined {
  const alike = tables.filter((table) => name === table.name || name === table.relation)
  if (alike.length < 2) return alike[0]
  throw new UsageError(`${name} is ${alike.map((table) => table.name).join(' or ')}; write which.`)
}

/** A table, of it the columns and the rows that were asked for. */
export function tableSubject(table: Table, asked: Asked): Subject {
  for (const option of ['by', 'week', 'from', 'to'] as const)
    if (asked[option] !== undefined)
      throw new UsageError(
        `--${option} is for KPIs, and ${table.name} is a table. To export a part of it: ` +
          '--columns and --where.',
      )
  const asset = [...sources, ...models].find(({ name }) => name === table.name)
  const described = new Map(
    asset ? tableColumns(asset).map(({ name, description }) => [name, description]) : [],
  )
  const wanted = (asked.columns ?? '').split(',').flatMap((word) => word.trim() || [])
  for (const name of wanted) requireColumn(table, name)
  const places = wanted.length > 0 ? wanted : table.columns.map(({ name }) => name)
  const columns = places.flatMap((name): Column[] => {
    const column = table.columns.find((one) => one.name === name)
    if (!column) return []
    return [
      {
        name,
        type: column.type,
        decimal: declared(column.modifier),
        nullable: column.nullable,
        description: described.get(name) || null,
        unit: unitOf(name),
      },
    ]
  })
  const relation = `${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.relation)}`
  const conditions = (asked.where ?? []).map((condition) => conditionSql(table, condition))
  return {
    name: table.name,
    from:
      conditions.length > 0
        ? `(select * from ${relation} where ${conditions.join(' and ')})`
        : relation,
    columns,
    about: { table: table.name, ...(asset && { description: asset.description }) },
    notes: [],
    rows: conditions.length > 0 ? null : table.rows,
  }
}

/** Precision and scale of `numeric(p, s)`, which Postgres keeps in one number. */
function declared(modifier: number): Decimal | null {
  if (modifier < 4) return null
  const [precision, scale] = [((modifier - 4) >> 16) & 0xffff, (modifier - 4) & 0x7ff]
  return precision <= 38 && scale <= precision ? { precision, scale } : null
}

/** `marketplace=DE,FR` as SQL; the server reads each value as the column's type. */
function conditionSql(table: Table, condition: string): string {
  const [name = '', values = ''] = condition.split(/=(.*)/s)
  if (!values)
    throw new UsageError(`--where ${condition} must be like marketplace=DE or marketplace=DE,FR.`)
  requireColumn(table, name)
  const literals = values.split(',').map((value) => pg.escapeLiteral(value))
  return `${pg.escapeIdentifier(name)} in (${literals.join(', ')})`
}

function requireColumn({ name, columns }: Table, typed: string): void {
  const names = columns.map((column) => column.name)
  if (names.includes(typed)) return
  throw new UsageError(
    `${name} has no column "${typed}". ${didYouMean(typed, names)}It has ${names.join(', ')}.`,
  )
}

/** Nothing has that name. */
export function unknownName(typed: string, tables: readonly string[], kpis: readonly string[]) {
  return new UsageError(
    `There is no table or KPI "${typed}". ${didYouMean(typed, [...tables, ...kpis])}` +
      `The tables are ${listed(tables)}. For the KPIs: recoup kpi`,
  )
}
