import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { from as copyFrom } from 'pg-copy-streams'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { constraintsOf } from '#kit/rules/sql.ts'
import { Rows } from '#kit/encode/rows.ts'
import { columns } from '#kit/table.ts'
import { sources } from '#pipelines/sources.ts'
import { createDatabase, type TestDatabase } from '#test/kit/database.ts'

import { fuzz } from './fuzz.ts'
import { sunk } from './sink.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.close())

const signature = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const trailer = Buffer.from([0xff, 0xff])

test.for(sources.map((source) => [source.name, source] as const))(
  'rows of %s: the encoder accepts what zod accepts, and Postgres stores what zod gives out',
  async ([, source], { expect: check }) => {
    const {
      differences,
      accepted,
      expected,
      tuples,
      columns: order,
    } = fuzz(source, 2000, 20_261_014)
    check(differences).toEqual([])
    check(accepted).toBeGreaterThan(200)

    const known = columns(source)
    const client = await database.pool.connect()
    try {
      const declared = known.map(({ name, type }) => `"${name}" ${type}`).join(', ')
      const rules = constraintsOf(source.rules).map(({ check: rule }) => `check (${rule})`)
      await client.query(
        `create temp table found (${[declared, 'load_id int8, line int4', ...rules].join(', ')})`,
      )
      await client.query(`create temp table wanted (${declared}, load_id int8, line int4)`)
      const list = order.map((name) => `"${name}"`).join(', ')
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
      const { rows: stored } = await client.query(`${all('found')} except all ${all('wanted')}`)
      const { rows: missing } = await client.query(`${all('wanted')} except all ${all('found')}`)
      check({ stored: stored.slice(0, 3), missing: missing.slice(0, 3) }).toEqual({
        stored: [],
        missing: [],
      })
    } finally {
      await client.query('drop table if exists found, wanted')
      client.release()
    }
  },
)

// A fast way that proves nothing would go unnoticed: zod would accept the same rows, six times as slowly.
test.for(sources.filter(({ reshape }) => !reshape).map((source) => [source.name, source] as const))(
  'the example of %s is proven without zod',
  ([, source]) => {
    const names = Object.keys(source.example)
    const cells = Object.values(source.example).map((cell) => Buffer.from(cell))
    let at = 0
    const starts = Int32Array.from(cells, ({ length }) => (at += length) - length)
    const ends = Int32Array.from(cells, ({ length }, i) => starts[i]! + length)
    const rows = new Rows(source, names, sunk(), 1)
    const places = Int32Array.from(names.keys())
    expect(rows.accepts({ bytes: Buffer.concat(cells), starts, ends }, places, 2)).toBe(true)
  },
)
