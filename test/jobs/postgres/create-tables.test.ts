import { expect } from 'vitest'
import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { count } from '#kit/columns.ts'
import { createTables } from '#jobs/postgres/create-tables.ts'
import { models } from '#models/models.ts'
import { sources } from '#pipelines/sources.ts'
import { test } from '#test/kit/database.ts'

const fresh = model({
  name: 'mart.fresh',
  description: 'A table that nobody migrated.',
  contract: z.object({ n: count() }),
  grain: ['n'],
  reads: [],
  query: (db) => db.selectNoFrom(({ lit }) => lit(1).as('n')),
})

test('a new asset gets its table from its contract, once, also when two processes start', async ({
  db,
}) => {
  const made = await Promise.all([createTables(db, [fresh]), createTables(db, [fresh])])
  expect(made.flat()).toEqual(['mart.fresh'])
  await db.insertInto('mart.fresh').values({ n: 1 }).execute()
  await expect(db.insertInto('mart.fresh').values({ n: 1 }).execute()).rejects.toThrow('fresh_pkey')
})

test('a warehouse that is migrated misses no table', async ({ db }) => {
  expect(await createTables(db, [...sources, ...models])).toEqual([])
})
