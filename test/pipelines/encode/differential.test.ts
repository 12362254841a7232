import { afterAll, beforeAll, expect, test } from 'vitest'

import { Rows } from '#kit/encode/rows.ts'
import { sources } from '#pipelines/sources.ts'
import { createDatabase, type TestDatabase } from '#test/kit/database.ts'

import { fuzz } from './fuzz.ts'
import { sunk } from './sink.ts'
import { storedDifferences } from './stored.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.close())

test.for(sources.map((source) => [source.name, source] as const))(
  'rows of %s: the encoder accepts what zod accepts, and Postgres stores what zod gives out',
  async ([, source]) => {
    const fuzzed = fuzz(source, 2000, 20_261_014)
    expect(fuzzed.differences).toEqual([])
    expect(fuzzed.accepted).toBeGreaterThan(200)
    const client = await database.pool.connect()
    const stored = await storedDifferences(client, source, fuzzed).finally(() => client.release())
    expect(stored).toEqual({ stored: [], missing: [] })
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
