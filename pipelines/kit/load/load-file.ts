import type pg from 'pg'
import type { Source } from '../asset.ts'
import { encoderFor } from '../encode/encoder-for.ts'
import { DamagedFile } from '../read/damaged.ts'
import { type FeedFile, identify } from '../read/feed-file.ts'
import { checkNames, feedName, requiredColumns } from '../read/header.ts'
import { openFeed } from '../read/open-feed.ts'
import type { Format } from '../read/recognise.ts'
import { packingOf, unpacked } from '../read/unpacked.ts'
import { alone } from './alone.ts'
import { asBackfill } from './backfill.ts'
import type { BatchSize } from './batch.ts'
import { Books } from './books.ts'
import { FeedError, noRows } from '../read/feed-error.ts'
import { inBatches, isKnownKey } from './in-batches.ts'
import type { KeyFilter } from './key-filter.ts'
import { keepKeys, knownKeys, type TableState, tableState } from './known-keys.ts'
import { batchSize, Landing } from './landing.ts'
import { bookRefusal, forgetRefusal, type Landed, type Load, openLoad } from './ledger.ts'
import { mending } from './mending.ts'
import { nothingLanded, RawTable } from './raw-table.ts'

/** What became of one file. `rowsRead` is the sum of the other four counts. */
export interface FileLoad extends Landed {
  loadId: number
  /** The load that brought the same content before; nothing was done now. */
  alreadyLoaded: EarlierLoad | null
  /** The line after which a load that was stopped went on; its counts are those of the whole file. */
  wentOnAfter: number | null
  /** Columns of the file that the contract does not know: they were not loaded. */
  ignoredColumns: string[]
  /** Why the file, or the rest of it, cannot be read as this feed. */
  refused: string | null
}

/** A load of the same file before. */
export interface EarlierLoad {
  loadId: number
  file: string
  loadedAt: string
  /** Rows of it that were rejected then; some may be loaded by now. */
  rowsRejected: number
}

/** How far a load is. */
export interface LoadProgress {
  bytesRead: number
  bytesTotal: number
  /** Rows read, of which some were rejected. */
  rows: number
  rejected: number
}

export interface LoadOptions {
  onProgress?: ((progress: LoadProgress) => void) | undefined
  signal?: AbortSignal | undefined
  /** Where the keys of feeds are kept between loads; without it they are read from the tables. */
  keysFolder?: string | undefined
  /** The format of the file, where it is not to be recognised. */
  format?: Format | undefined
  delimiter?: string | undefined
  batch?: BatchSize
  /** Files of at most so many bytes fill an empty table in one transaction. */
  backfillBytes?: number
}

/** Beyond this a load that was stopped should go on and not begin anew. */
const largestBackfill = 512 * 1024 * 1024

/**
 * Loads one file into its feed's raw table: every row ends in the table, replaced by or equal to a
 * row there, or in the quarantine. It commits as it goes, on a connection of its own; a load that was
 * stopped in any way goes on from its last commit when the file is loaded again. Loading files in any
 * order, and cut in any pieces, leaves the same table, but for which load and line a row points to.
 */
export async function loadFile(
  pool: pg.Pool,
  source: Source,
  path: string | FeedFile,
  options: LoadOptions = {},
): Promise<FileLoad> {
  const { signal } = options
  const file = typeof path === 'string' ? await identify(feedName(source), path, { signal }) : path
  return await alone(pool, source, signal, async (client) => {
    const load = await openLoad(client, file)
    if (load.isFinished) return alreadyLoaded(load)
    await forgetRefusal(client, load)
    const wentOnAfter = load.position?.line ?? null
    try {
      await requireWhole(file, signal)
      const ignoredColumns = await loadRest(client, source, file, load, options)
      const { loadId, landed } = load
      return { loadId, ...landed, alreadyLoaded: null, wentOnAfter, ignoredColumns, refused: null }
    } catch (error) {
      if (!(error instanceof FeedError)) throw error
      const refused = sentenceAbout(error, load)
      await bookRefusal(client, load, file.feed, refused)
      const { loadId, landed } = load
      return { loadId, ...landed, alreadyLoaded: null, wentOnAfter, ignoredColumns: [], refused }
    }
  })
}

/**
 * Unpacks a packed file once before a row of it is loaded: whether its bytes are those that were packed
 * shows only at its end, and a row with another digit keeps the contract.
 */
async function requireWhole(file: FeedFile, signal: AbortSignal | undefined) {
  const packing = await packingOf(file)
  if (packing) for await (const _ of unpacked(file, packing, { signal })) continue
}

/** Loads what was not loaded yet; returns the columns that were left out. */
async function loadRest(
  client: pg.ClientBase,
  source: Source,
  file: FeedFile,
  load: Load,
  options: LoadOptions,
): Promise<string[]> {
  const store = { feed: file.feed, folder: options.keysFolder ?? null }
  const state = await tableState(client, source, store)
  const known = await knownKeys(client, source, state, { store, fileRows: file.bytes / 100 })
  const way = wayFor(state, file, load, options)
  const read = (keys: KeyFilter | null, by: Way) =>
    readInto(client, source, file, load, { ...options, keys, way: by })
  let ignored: string[]
  try {
    ignored = await read(known, way)
  } catch (error) {
    if (way !== 'backfill' || !isKnownKey(error)) throw error
    // Two of its rows have one key though they did not look so; the stage can tell.
    return await read(null, 'batches')
  }
  const after = await tableState(client, source, store)
  if (known && after.stamp !== state.stamp) await keepKeys(store, after.stamp, known)
  return ignored
}

type Way = 'backfill' | 'batches'

function wayFor(
  { isEmpty }: TableState,
  { bytes }: FeedFile,
  { position }: Load,
  { backfillBytes = largestBackfill }: LoadOptions,
): Way {
  return isEmpty && position === null && bytes <= backfillBytes ? 'backfill' : 'batches'
}

async function readInto(
  client: pg.ClientBase,
  source: Source,
  file: FeedFile,
  load: Load,
  options: LoadOptions & { keys: KeyFilter | null; way: Way },
): Promise<string[]> {
  const { keys, way, signal, onProgress, format, delimiter, batch = batchSize } = options
  const { position, layout: known } = load
  let bytesRead = 0
  // The contract may have got columns since the load was stopped.
  if (known && known.format !== 'ndjson')
    checkNames(source, file.name, known.names, requiredColumns(source))
  const opened = await openFeed(source, file, {
    format,
    delimiter,
    signal,
    onRead: (bytes) => (bytesRead += bytes),
    resume: position && known ? { from: position, layout: known } : undefined,
  })
  const { layout, ignored } = opened
  const landing = new Landing(keys, (rows) => write(rows), batch)
  const { loadId } = load
  const plain = { source, sink: landing }
  const judged = mending(source, layout, landing, (row) => landing.mended(row)) ?? plain
  const { encoder, steps } = await encoderFor(judged.source, opened, judged.sink, {
    file: file.name,
    loadId,
  })
  const table = new RawTable({ client, source, tuple: encoder.columns })
  const write = (way === 'backfill' ? asBackfill : inBatches)(table, new Books(table, load, layout))
  try {
    for await (const _ of steps) {
      signal?.throwIfAborted()
      await landing.settle(encoder.position)
      onProgress?.({ bytesRead, bytesTotal: file.bytes, ...landing.count })
    }
    if (landing.count.rows + load.landed.rowsRead === 0) throw noRows(file.feed, file.name)
    await landing.finish(encoder.position, { isFinished: true })
  } catch (error) {
    // What was judged before the damage is true.
    if (error instanceof DamagedFile && landing.count.rows > 0)
      await landing.finish(encoder.position, { isFinished: false })
    else await landing.abandon(error as Error)
    throw error
  } finally {
    await table.rollBack()
  }
  return ignored
}

function alreadyLoaded({ loadId, file, loadedAt, landed }: Load): FileLoad {
  return {
    loadId,
    ...nothingLanded,
    alreadyLoaded: { loadId, file, loadedAt, rowsRejected: landed.rowsRejected },
    wentOnAfter: null,
    ignoredColumns: [],
    refused: null,
  }
}

function sentenceAbout(error: FeedError, { landed }: Load): string {
  const { rowsRead, rowsRejected } = landed
  if (rowsRead === 0)
    return error instanceof DamagedFile
      ? `${error.message} Nothing of it was loaded.`
      : error.message
  const accepted = (rowsRead - rowsRejected).toLocaleString('en')
  const aside = rowsRejected > 0 ? ` and ${rowsRejected.toLocaleString('en')} set aside` : ''
  return `${error.message} Of the rows before the damage ${accepted} were loaded${aside}; the rest was not.`
}
