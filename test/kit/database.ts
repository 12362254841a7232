import { randomBytes } from 'node:crypto'

import pg from 'pg'
import { inject, test as base } from 'vitest'

import { connect, type Connection } from '#jobs/postgres/pool.ts'

/** An empty, migrated warehouse that belongs to one test. */
// A test brings rows for any table, so its Kysely knows none of them by type.
// oxlint-disable-next-line typescript/no-explicit-any
export interface TestDatabase extends Connection<any> {
  url: string
}

/** Clones the migrated template; `close` drops the clone with whatever is still connected to it. */
export async function createDatabase(): Promise<TestDatabase> {
  const template = new URL(inject('templateUrl'))
  const name = `test_${randomBytes(6).toString('hex')}`
  await administer(`create database ${name} template ${template.pathname.slice(1)}`)

  const url = new URL(template)
  url.pathname = name
  // oxlint-disable-next-line typescript/no-explicit-any
  const connection = connect<any>(url.href)
  const close = async () => {
    await connection.close()
    await administer(`drop database ${name} with (force)`)
  }
  return { ...connection, url: url.href, close, [Symbol.asyncDispose]: close }
}

async function administer(statement: string) {
  const url = new URL(inject('templateUrl'))
  url.pathname = 'postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/**
 * Vitest's `test` with a warehouse of its own for each test that asks for one: `db` is Kysely on it,
 * `url` its address, `database` both and the pool.
 */
export const test = base
  .extend('database', async ({}, { onCleanup }) => {
    const database = await createDatabase()
    onCleanup(database.close)
    return database
  })
  .extend('db', ({ database }) => database.db)
  .extend('url', ({ database }) => database.url)
