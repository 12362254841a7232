/** What Postgres makes of the encoder's tuples, against what it makes of zod's values as JSON. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

import type { Source } from '#kit/asset.ts'
import { constraintsOf } from '#kit/rules/sql.ts'
import { columns } from '#kit/table.ts'

import type { Fuzzed } from './fuzz.ts'

/** Rows, each column as text, that only one of both ways stored. */
export interface StoredDifferences {
  stored: object[]
  missing: object[]
}

const signature = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const trailer = Buffer.from([0xff, 0xff])

/** Stores the accepted rows both ways; the first three differences of each. */
export async function storedDifferences(
  client: pg.ClientBase,
  source: Source,
  { expected, tuples, columns: order }: Pick<Fuzzed, 'expected' | 'tuples' | 'columns'>,
): Promise<StoredDifferences> {
  const declared = columns(source).map(({ name, type }) => `"${name}" ${type}`)
  const rules = constraintsOf(source.rules).map(({ check }) => `check (${check})`)
  const list = order.map((name) => `"${name}"`).join(', ')
  const create = (table: string, checks: string[]) =>
    client.query(
      `create temp table ${table} (${[...declared, 'load_id int8', 'line int4', ...checks].join(', ')})`,
    )
  await create('found', rules)
  await create('wanted', [])
  try {
    await pipeline(
      Readable.from([signature, ...tuples, trailer]),
      client.query(copyFrom(`copy found (${list}) from stdin (format binary)`)),
    )
    const rows = expected.flatMap(({ line, values }) =>
      values ? [{ ...values, load_id: 7, line }] : [],
    )
    await client.query(
      `insert into wanted (${list}) select ${list} from json_populate_recordset(null::wanted, $1::json)`,
      [JSON.stringify(rows)],
    )
    // As text, so that 1.0 is not 1.00.
    const all = (of: string) =>
      `select ${order.map((name) => `"${name}"::text`).join(', ')} from ${of}`
    const only = async (one: string, other: string) =>
      (await client.query<object>(`${all(one)} except all ${all(other)} limit 3`)).rows
    return { stored: await only('found', 'wanted'), missing: await only('wanted', 'found') }
  } finally {
    await client.query('drop table if exists found, wanted')
  }
}
