import { Kysely, PostgresDialect } from 'kysely'
import type { Pool, PoolClient } from 'pg'

import type { AnyDatabase } from '#kit/asset.ts'

import { Deserted, obeying } from './obeying.ts'

/** A step's transaction, and the connection it runs on: COPY needs the connection itself. */
export interface StepTransaction {
  tx: Kysely<AnyDatabase>
  client: PoolClient
}

/**
 * Runs work in one transaction on one connection; an aborted signal ends the query under way.
 * `first` runs with the begin, in the same round trip. Kysely keeps its connection to itself, so the
 * connection is checked out here and lent to it.
 */
export async function inTransaction<Result>(
  pool: Pool,
  signal: AbortSignal,
  work: (transaction: StepTransaction) => Promise<Result>,
  first = '',
): Promise<Result> {
  signal.throwIfAborted()
  const client = await pool.connect()
  const cancellation = cancelOnAbort(pool, client, signal)
  let broken: Error | undefined
  try {
    await client.query(`begin; ${first}`)
    const result = await obeying(signal, work({ tx: borrowing(client), client }))
    await client.query('commit')
    return result
  } catch (error) {
    // A connection that cannot even do this, or that somebody may still use, does not go back.
    if (error instanceof Deserted) broken = error
    else await client.query('rollback').catch((failure: Error) => (broken = failure))
    throw error
  } finally {
    await cancellation.end()
    client.release(broken)
  }
}

function borrowing(client: PoolClient): Kysely<AnyDatabase> {
  const lent = { query: client.query.bind(client), release: () => {} } as PoolClient
  const pool = { options: {}, connect: async () => lent, end: async () => {} }
  return new Kysely({ dialect: new PostgresDialect({ pool }) })
}

/** Asks more than once: a request that arrives between two queries ends neither. */
function cancelOnAbort(pool: Pool, client: PoolClient, signal: AbortSignal) {
  const { processID } = client as PoolClient & { processID: number }
  let asked: Promise<unknown> = Promise.resolve()
  let again: NodeJS.Timeout | undefined
  const ask = () => {
    asked = pool.query('select pg_cancel_backend($1)', [processID]).catch(() => {})
    again = setTimeout(ask, 200)
  }
  signal.addEventListener('abort', ask, { once: true })
  return {
    /** After this no request is under way that could hit the connection's next user. */
    async end() {
      signal.removeEventListener('abort', ask)
      clearTimeout(again)
      await asked
    },
  }
}
