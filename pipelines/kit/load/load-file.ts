import type pg from 'pg'
import type { Source } from '../asset.ts'
import { type FeedFile, identify, unpacked } from './bytes.ts'
import { feedError } from './feed-error.ts'
import { feedName } from './header.ts'
import { SeenKeys } from './keys.ts'
import { Landing, type Landed } from './landing.ts'
import { closeLoad, type EarlierLoad, openLoad } from './ledger.ts'
import { quoted } from './merge-sql.ts'
import { textEncoder } from './text-encoder.ts'

export { bookRefusal } from './ledger.ts'
export { type FeedFile, identify } from './bytes.ts'

/** What loading one file did. `rowsRead` is the sum of the other four counts. */
export interface FileLoad extends Landed {
  loadId: number
  /** The load that brought the same content before; nothing was done now. */
  alreadyLoaded: EarlierLoad | null
  /** Columns of the file that the contract does not know: they were not loaded. */
  ignoredColumns: string[]
}

export interface LoadOptions {
  onProgress?: ((bytesRead: number, bytesTotal: number) => void) | undefined
  signal?: AbortSignal | undefined
  /** From `knownKeys`, when several files of a feed are loaded in one transaction. */
  known?: SeenKeys
}

/**
 * The keys a feed's table holds, for loading into it in this transaction. Takes the feed's lock, so
 * that nobody else loads it meanwhile. An empty table's keys are known: none.
 */
export async function knownKeys(client: pg.ClientBase, source: Source): Promise<SeenKeys> {
  await client.query(`select pg_advisory_xact_lock(hashtext('load'), hashtext($1))`, [source.name])
  const { rows } = await client.query<{ filled: boolean }>(
    `select exists (select from ${quoted(source.name)}) as filled`,
  )
  const filled = rows[0]?.filled ?? true
  // Rows copied into a table that was truncated in the same transaction need no WAL.
  if (!filled) await client.query(`truncate ${quoted(source.name)}`)
  return new SeenKeys({ saturated: filled })
}

/**
 * Loads one file into its feed's raw table, inside the open transaction of `client`. Every row ends
 * in the table, replaced by or equal to a row there, or in the quarantine. Loading files in any
 * order, and cut in any pieces, leaves the same table, but for which load and line a row points to.
 * Throws a FeedError for a file that is not this feed at all; the caller then rolls back.
 */
export async function loadFile(
  client: pg.ClientBase,
  source: Source,
  path: string | FeedFile,
  { onProgress, signal, known }: LoadOptions = {},
): Promise<FileLoad> {
  const file = typeof path === 'string' ? await identify(feedName(source), path, { signal }) : path
  const keys = known ?? (await knownKeys(client, source))
  const opened = await openLoad(client, file)
  if ('earlier' in opened) {
    const nothing = { rowsRead: 0, rowsNew: 0, rowsNewer: 0, rowsSame: 0, rowsRejected: 0 }
    const { earlier } = opened
    return { loadId: earlier.loadId, ...nothing, alreadyLoaded: earlier, ignoredColumns: [] }
  }

  const { loadId } = opened
  const landing = new Landing(client, source, { loadId, file: file.name, known: keys })
  const encoder = textEncoder(source, file.name, landing)
  let bytesRead = 0
  const onRead = (bytes: number) => onProgress?.((bytesRead += bytes), file.bytes)
  try {
    for await (const bytes of unpacked(file, onRead)) {
      signal?.throwIfAborted()
      encoder.push(bytes)
      await landing.settle()
    }
    encoder.end()
    await landing.finish()
  } catch (error) {
    await landing.abandon()
    throw error
  }
  const { landed } = landing
  if (landed.rowsRead === 0)
    throw feedError(file.feed, file.name, 'the file has a header but no rows below it.')
  await closeLoad(client, loadId, landed)
  return { loadId, ...landed, alreadyLoaded: null, ignoredColumns: encoder.ignored }
}
