import { setTimeout as sleep } from 'node:timers/promises'

import pg from 'pg'

import type { Home } from './home.ts'
import { findRuntime } from './runtime.ts'
import { locks } from './postgres/locks.ts'

/**
 * Makes this process the one `recoup up` of the warehouse, or says which one is. The lock lives in a
 * session of its own, so Postgres lets go of it however the process ends.
 */
export async function beTheOnlyOne(url: string, home: Home): Promise<AsyncDisposable> {
  const client = new pg.Client({ connectionString: url, application_name: 'recoup up' })
  client.on('error', () => {})
  await client.connect()
  for (let tries = 0; tries < 10; tries++) {
    const { rows } = await client.query<{ got: boolean }>(
      'select pg_try_advisory_lock($1) as got',
      [locks.up],
    )
    if (rows[0]?.got) return { [Symbol.asyncDispose]: () => client.end() }
    // The session of a process that was just killed takes a moment to end.
    await sleep(100)
  }
  await client.end()
  const other = findRuntime(home)
  throw new Error(
    other
      ? `Recoup is already up here: process ${other.pid}, Cube at ${other.cubeUrl}. ` +
          `Ask it something: recoup status. Or end it with Ctrl-C in its terminal, or: kill ${other.pid}`
      : `Recoup is already starting on this warehouse in another process. Wait for it: recoup status`,
  )
}
