import { afterAll, beforeAll, expect, test } from 'vitest'

import { sources } from '#pipelines/sources.ts'
import { createDatabase, type TestDatabase } from '#test/kit/database.ts'

import { fuzz } from './fuzz.ts'
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
