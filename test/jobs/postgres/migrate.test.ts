import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { sql } from 'kysely'
import { expect } from 'vitest'

import { migrations } from '#jobs/migrations/index.ts'
import { migrate } from '#jobs/postgres/migrate.ts'
import { test } from '#test/kit/database.ts'

test('migrating a second time changes nothing', async ({ db }) => {
  expect(await migrate(db)).toEqual([])
})

test('a new warehouse has the schemas of the journey', async ({ db }) => {
  const { rows } = await sql`
    select nspname as schema from pg_namespace
    where nspname in ('raw', 'mart', 'engine') order by nspname
  `.execute(db)
  expect(rows).toEqual([{ schema: 'engine' }, { schema: 'mart' }, { schema: 'raw' }])
})

test('every migration file is in the index, under its own name', () => {
  const folder = join(import.meta.dirname, '../../../jobs/migrations')
  const files = readdirSync(folder).filter((name) => name !== 'index.ts')
  expect(Object.keys(migrations).sort()).toEqual(
    files.map((name) => name.replace('.ts', '')).sort(),
  )
})
