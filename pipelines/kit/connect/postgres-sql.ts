/** The statements the postgres connector speaks. */
import pg from 'pg'

import { milliseconds, type Duration } from './connector.ts'

/** What is read: a table or a query, in the order of a cursor and a key. */
export interface Reading {
  table?: string
  query?: string
  cursor?: string
  key?: string
}

/** A column of the origin. */
export interface OriginColumn {
  name: string
  /** As Postgres writes it: timestamp with time zone. */
  type: string
}

/** Where a reading goes on: after this value of the cursor and of the key, as texts. */
export interface After {
  cursor: string
  key: string
}

/** The rows to read, as something to select from. */
export function relationSql({ table, query }: Reading): string {
  if (query !== undefined) return `(${query.trim().replace(/;$/, '')}\n) as origin`
  const parts = (table ?? '').split('.').map((part) => pg.escapeIdentifier(part))
  return `${parts.join('.')} as origin`
}

const counts = /^(smallint|integer|bigint|numeric)/
const instants = /^timestamp/

export function isCount({ type }: OriginColumn): boolean {
  return counts.test(type)
}

export function isInstant({ type }: OriginColumn): boolean {
  return instants.test(type)
}

/**
 * The rows after a place, each as one JSON object with the cursor and the key beside it. Numbers are
 * texts, so that none passes through a float; so is what would be an object inside the object.
 */
export function rowsSql(
  reading: Reading,
  columns: readonly OriginColumn[],
  { after, until, overlap = 0 }: { after: After | null; until: string | null; overlap?: number },
): { text: string; values: string[] } {
  const pick = columns.map((column) => `${asJson(column)} as ${pg.escapeIdentifier(column.name)}`)
  const row = `row_to_json((select picked from (select ${pick.join(', ')}) as picked))::text as row`
  const order = [reading.cursor, reading.key].flatMap((name) => {
    const column = columns.find((one) => one.name === name)
    return column ? [{ ...column, sql: `origin.${pg.escapeIdentifier(column.name)}` }] : []
  })
  const [cursor] = order
  const values: string[] = []
  const given = (value: string, type: string) => `$${values.push(value)}::text::${type}`
  const conditions: string[] = []
  if (after && cursor && overlap > 0)
    conditions.push(`${cursor.sql} > ${given(after.cursor, cursor.type)} - ${overlap}`)
  else if (after && cursor) {
    const place = order.map(({ type }, index) => given(index ? after.key : after.cursor, type))
    conditions.push(`(${order.map(({ sql }) => sql).join(', ')}) > (${place.join(', ')})`)
  }
  if (until && cursor) conditions.push(`${cursor.sql} <= ${given(until, cursor.type)}`)
  const place = [0, 1].map((index) => `${order[index]?.sql ?? `''`}::text`)
  const text = [
    `select ${row}, ${place[0]} as cursor, ${place[1]} as key from ${relationSql(reading)}`,
    conditions.length > 0 ? `where ${conditions.join(' and ')}` : '',
    order.length > 0 ? `order by ${order.map(({ sql }) => sql).join(', ')}` : '',
  ]
  return { text: text.filter(Boolean).join('\n'), values }
}

const nested = /^(json|jsonb)$/
const numbers = /^(smallint|integer|bigint|numeric|real|double precision|money|oid)/

function asJson({ name, type }: OriginColumn): string {
  const column = `origin.${pg.escapeIdentifier(name)}`
  return numbers.test(type) || nested.test(type) ? `${column}::text` : column
}

/**
 * The newest instant up to which every row is there: `behind` ago, and before any transaction that
 * is still writing began, because what it writes may bear the time of its beginning.
 */
export function untilSql(behind: Duration, type: string): string {
  return `
    select least(
      clock_timestamp() - interval '${milliseconds(behind)} milliseconds',
      (select min(xact_start) - interval '1 microsecond' from pg_stat_activity
       where backend_xid is not null and datname = current_database())
    )::${type}::text as until`
}
