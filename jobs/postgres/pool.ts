import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

import { types } from './types.ts'

/** A pool of sessions on the warehouse, and Kysely speaking through it. */
export interface Connection<Tables> extends AsyncDisposable {
  pool: pg.Pool
  db: Kysely<Tables>
  close: () => Promise<void>
}

/** Connects to the warehouse. Every session reads and writes time in UTC. */
export function connect<Tables = unknown>(
  url: string,
  options: Omit<pg.PoolConfig, 'connectionString' | 'types'> = {},
): Connection<Tables> {
  const pool = new pg.Pool({
    application_name: 'recoup',
    ...options,
    connectionString: url,
    types,
    // The pool waits for it, though its type says void.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: async (client) => {
      await client.query(`set timezone = 'UTC'; set datestyle = 'ISO'`)
    },
  })
  // An idle session that the server ends is replaced on the next query.
  pool.on('error', () => {})
  // One that is in use fails its next query, which says so.
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const close = async () => {
    await db.destroy()
    // Kysely leaves a pool alone that only others have queried.
    if (!pool.ended) await pool.end()
  }
  return { pool, db, close, [Symbol.asyncDispose]: close }
}
