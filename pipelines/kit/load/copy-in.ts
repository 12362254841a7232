import { once } from 'node:events'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

/** What a binary COPY begins with: a signature, no flags, no extension. */
const beginning = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const ending = Buffer.from([0xff, 0xff])

/** Copies binary tuples into a table as they come; the statement says into which and in which order. */
export async function copyIn(
  client: pg.ClientBase,
  statement: string,
  tuples: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  const copy = client.query(copyFrom(statement))
  let hasFailed = false
  const failed = once(copy, 'error').then(([error]) => {
    hasFailed = true
    throw error as Error
  })
  failed.catch(() => {})
  // One piece at a time: the stream does not survive a failure with a second one under way.
  const write = (bytes: Buffer) =>
    Promise.race([new Promise<void>((done) => copy.write(bytes, () => done())), failed])
  try {
    await write(beginning)
    for await (const piece of tuples) await write(piece)
    await write(ending)
  } catch (error) {
    // The statement is told to end, so that the connection is free for a rollback.
    if (!hasFailed) copy.destroy(new Error('The load was stopped.'))
    await failed.catch(() => {})
    throw error
  }
  copy.end()
  await Promise.race([once(copy, 'finish'), failed])
}
