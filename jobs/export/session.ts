import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'

/** One session of the warehouse that sees one state of it: what is read twice is the same. */
export interface Session extends AsyncDisposable {
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>
  /** From here on every query sees the same rows. */
  freeze(): Promise<void>
  /** The output of `copy (query) to stdout ...`, piece by piece. */
  copy(query: string, options: string): AsyncGenerator<Buffer, CopyEnd>
}

/** What the server says at the end of a copy. */
export interface CopyEnd {
  rows: number
}

/** Takes a session of the pool. When the signal aborts, the server drops what it is doing for us. */
export async function openSession(pool: pg.Pool, signal: AbortSignal): Promise<Session> {
  signal.throwIfAborted()
  const client = await pool.connect()
  const ignore = () => {}
  // Whoever waits for a query hears that its session ended; there is nobody else to tell.
  client.on('error', ignore)
  const cancel = () => {
    const { processID } = client as unknown as { processID: number }
    pool.query('select pg_cancel_backend($1)', [processID]).catch(ignore)
  }
  signal.addEventListener('abort', cancel, { once: true })
  let isClean = true
  const watched = async <Result>(work: Promise<Result>): Promise<Result> => {
    isClean = false
    const result = await work.catch((error: unknown) => {
      signal.throwIfAborted()
      throw error
    })
    isClean = true
    return result
  }
  return {
    query: async <Row extends object>(text: string, values: unknown[] = []) =>
      (await watched(client.query<Row>(text, values))).rows,
    async freeze() {
      await watched(client.query('begin isolation level repeatable read, read only'))
    },
    async *copy(query, options) {
      const stream = client.query(copyTo(`copy (${query}) to stdout (${options})`))
      isClean = false
      try {
        for await (const piece of stream) yield piece as Buffer
      } catch (error) {
        signal.throwIfAborted()
        throw error
      }
      // The server's count comes after the last piece, with the end of the command.
      await client.query('select')
      isClean = true
      return { rows: stream.rowCount }
    },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', cancel)
      const reusable =
        isClean &&
        !signal.aborted &&
        (await client.query('rollback; discard temp').catch(() => null))
      // A session in the middle of something is of no use to the next; it ends here.
      if (!reusable && !signal.aborted) cancel()
      if (reusable) client.off('error', ignore)
      client.release(!reusable)
    },
  }
}
