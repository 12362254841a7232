import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { from as copyFrom } from 'pg-copy-streams'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { columns } from '#kit/table.ts'
import { sources } from '#pipelines/sources.ts'
import { createDatabase, type TestDatabase } from '#test/kit/database.ts'

import { fuzz } from './fuzz.ts'

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
      await client.query(`create temp table found (${declared}, load_id int8, line int4)`)
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
