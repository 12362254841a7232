import { join } from 'node:path'

import pg from 'pg'

import { addUser } from '#cube/access/users.ts'
import { makeVerifier } from '#cube/access/verifier.ts'

import { startProcess } from '../child.ts'

const password = 'a long bench password'

/** Cube and its SQL endpoint in another process, with users who see all, some and little. */
export async function startSql(databaseUrl: string) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  const verifier = makeVerifier(password)
  for (const [name, groups, marketplaces] of [
    ['all', ['admin'], null],
    ['some', ['finance'], ['DE', 'FR']],
    ['one', ['viewer'], ['PL']],
  ] as const)
    await addUser(pool, {
      name,
      groups: [...groups],
      marketplaces: marketplaces && [...marketplaces],
      verifier,
    })
  await pool.end()

  const server = await startProcess(join(import.meta.dirname, 'sql.process.ts'), databaseUrl)
  const database = new URL(databaseUrl).pathname
  return {
    ...server,
    url: (user: 'all' | 'some' | 'one') =>
      `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${server.port}${database}`,
  }
}
