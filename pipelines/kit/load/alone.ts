import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Source } from '../asset.ts'

const everyMs = 50

/**
 * Runs work on a connection of its own while nobody else loads the feed, not even the session that a
 * killed process left behind. An aborted signal ends the connection, and with it what was not committed.
 */
export async function alone<Result>(
  pool: pg.Pool,
  { name }: Source,
  signal: AbortSignal | undefined,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted()
  const client = await pool.connect()
  let isBroken = false
  const breakOff = () => {
    isBroken = true
    // With a query under way this closes the socket, which fails the query.
    client.end().catch(() => {})
  }
  // Whatever ends the session fails the query under way, which tells.
  const onError = () => (isBroken = true)
  client.on('error', onError)
  signal?.addEventListener('abort', breakOff, { once: true })
  try {
    await lock(client, name, signal)
    const result = await work(client)
    await client.query(`select pg_advisory_unlock(${key})`, [name])
    return result
  } catch (error) {
    // A session that may still hold the lock is not for others.
    isBroken = true
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', breakOff)
    client.release(isBroken)
    client.off('error', onError)
  }
}

const key = `hashtext('load'), hashtext($1)`

/** Asks again and again: a session that waits inside Postgres could not be told to stop. */
async function lock(client: pg.PoolClient, name: string, signal: AbortSignal | undefined) {
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(
      `select pg_try_advisory_lock(${key}) as taken`,
      [name],
    )
    if (rows[0]?.taken) return
    await sleep(everyMs, undefined, { signal })
  }
}
