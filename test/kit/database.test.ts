import { sql } from 'kysely'
import pg from 'pg'
import { expect } from 'vitest'

import { createDatabase, test } from './database.ts'

test('the test process does not run in UTC, so a forgotten zone shows', () => {
  expect(new Date('2026-01-01').getTimezoneOffset()).not.toBe(0)
})

test('a session that does not ask for UTC is in another zone', async ({ url }) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('show timezone')
  await client.end()
  expect(rows).toEqual([{ TimeZone: 'Pacific/Chatham' }])
})

test.for([1, 2])('what one test makes is not there for the next (%i)', async (_, { db }) => {
  const made = sql`create table raw.only_once (n int)`.execute(db)
  await expect(made).resolves.toBeDefined()
})

test('a database that was closed is gone, with the sessions still on it', async () => {
  const database = await createDatabase()
  const client = new pg.Client({ connectionString: database.url })
  client.on('error', () => {})
  await client.connect()
  await database.close()
  await expect(new pg.Client({ connectionString: database.url }).connect()).rejects.toThrow(
    'does not exist',
  )
})
