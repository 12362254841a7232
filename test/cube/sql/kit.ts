import pg from 'pg'
import { test as base } from 'vitest'

import type { SecurityContext } from '#cube/access/user.ts'
import { addUser } from '#cube/access/users.ts'
import { makeVerifier } from '#cube/access/verifier.ts'
import { startSqlEndpoint } from '#cube/sql/endpoint.ts'
import { createDatabase, type TestDatabase } from '#test/kit/database.ts'

import { openCube } from '../kit.ts'

/** An endpoint over the warehouse of one test. */
export interface TestEndpoint extends AsyncDisposable {
  port: number
  problems: string[]
  /** Makes a user who may see this. */
  add(name: string, context: SecurityContext): Promise<void>
  /** A session of a user, ended with the endpoint. */
  connect(user: string, options?: pg.ClientConfig): Promise<pg.Client>
  /** As `psql` and the drivers take it. */
  url(user: string): string
}

/** Of every user of the tests. */
export const password = 'a long test password'

const allOfIt: SecurityContext = { groups: ['admin'], marketplaces: 'all' }

/** The endpoint with a user `ana`, who sees everything. */
async function openEndpoint({ url, pool }: TestDatabase): Promise<TestEndpoint> {
  const cube = await openCube({ databaseUrl: url })
  const problems: string[] = []
  const endpoint = await startSqlEndpoint({
    door: cube.sqlDoor,
    databaseUrl: url,
    secret: 'not a secret',
    port: 0,
    onProblem: (problem) => problems.push(problem),
  })
  const sessions: pg.Client[] = []
  const add = (name: string, { groups, marketplaces }: SecurityContext) =>
    addUser(pool, {
      name,
      groups,
      marketplaces: marketplaces === 'all' ? null : (marketplaces ?? []),
      verifier: makeVerifier(password),
    })
  await add('ana', allOfIt)
  const database = new URL(url).pathname.slice(1)
  return {
    port: endpoint.port,
    problems,
    add,
    async connect(user, options = {}) {
      const client = new pg.Client({
        host: '127.0.0.1',
        port: endpoint.port,
        user,
        password,
        database,
        ...options,
      })
      client.on('error', () => {})
      await client.connect()
      sessions.push(client)
      return client
    },
    url: (user) =>
      `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${endpoint.port}/${database}`,
    async [Symbol.asyncDispose]() {
      await Promise.all(sessions.map((session) => session.end().catch(() => {})))
      await endpoint.close()
      await cube.close()
    },
  }
}

/**
 * Vitest's `test` with one endpoint for all tests of the file: `endpoint`, and `warehouse`, the
 * database behind it with what `fill` has put there.
 */
export function testWith(fill: (pool: pg.Pool) => Promise<unknown>) {
  return base
    .extend('warehouse', { scope: 'file' }, async ({}, { onCleanup }) => {
      const database = await createDatabase()
      onCleanup(database.close)
      await fill(database.pool)
      return database
    })
    .extend('endpoint', { scope: 'file' }, async ({ warehouse }, { onCleanup }) => {
      const endpoint = await openEndpoint(warehouse)
      onCleanup(() => endpoint[Symbol.asyncDispose]())
      return endpoint
    })
}
