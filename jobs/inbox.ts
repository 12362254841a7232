/** The folder source: files that wait in `<home>/inbox/<feed>/` to be loaded. They stay there. */
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { type Kysely, sql } from 'kysely'
import type pg from 'pg'

import type { AnyDatabase, Source } from '#kit/asset.ts'
import type { FileLoad, LoadProgress } from '#kit/load/load-file.ts'
import { publish, type Unpublished } from '#kit/load/ledger.ts'
import { feedName } from '#kit/read/header.ts'

import { arrivalOf } from './arrivals.ts'
import type { Home } from './home.ts'
import { touchedBy } from './touched.ts'

/** A file of the inbox that was not dealt with, as it lies there. */
export interface WaitingFile {
  file: string
  path: string
  bytes: number
  modifiedMs: number
}

/** What the files of a feed brought, for the record of its materialization. */
export interface InboxLoad {
  rows: number
  changed: boolean
  /** Of a feed with partitions: those that have new or other rows. */
  touched: string[]
  metadata: {
    files: number
    rowsRead: number
    rowsNew: number
    rowsNewer: number
    rowsSame: number
    rowsRejected: number
    /** Files with the same content as one loaded before. */
    alreadyLoaded: string[]
    refused: { file: string; reason: string }[]
    ignoredColumns: string[]
  }
}

/** What the loading of files is given by the step it runs in. */
interface Context {
  db: Kysely<AnyDatabase>
  pool: pg.Pool
  signal?: AbortSignal
  progress?: (fraction: number, note?: string) => void
}

/** The files of a feed that were loaded, not yet published. */
interface Fetched {
  loads: { file: string; load: FileLoad }[]
  dealtWith: WaitingFile[]
}

type InboxHome = Pick<Home, 'inbox'> & Partial<Pick<Home, 'keys'>>

/** The inbox of a home, in the shape the engine asks for. */
export function inboxOf(home: InboxHome) {
  return {
    /** Files that wait, or rows that were loaded by a step that did not end. */
    hasNews: async (db: Kysely<AnyDatabase>, source: Source): Promise<boolean> =>
      (await newFiles(db, source, home.inbox)).length > 0 || (await hasUnpublished(db, source)),
    intake: {
      fetch: (source: Source, context: Context): Promise<Fetched> =>
        loadInbox(source, home, context),
      publish: publishLoads,
    },
  }
}

async function hasUnpublished(db: Kysely<AnyDatabase>, source: Source): Promise<boolean> {
  const { rows } = await sql`
    select from raw.load
    where feed = ${feedName(source)} and not is_published and rows_new + rows_newer > 0
    limit 1`.execute(db)
  return rows.length > 0
}

/**
 * The files of a feed that were not dealt with yet, in the order of their names. Name, size and
 * time of change decide; nothing is opened.
 */
export async function newFiles(
  db: Kysely<AnyDatabase>,
  source: Source,
  inbox: string,
): Promise<WaitingFile[]> {
  const feed = feedName(source)
  const folder = join(inbox, feed)
  if (!existsSync(folder)) return []
  const { rows } = await sql<{ file: string; bytes: number; modified_ms: number }>`
    select file, bytes, modified_ms from raw.inbox_file where feed = ${feed}`.execute(db)
  const known = new Map(rows.map((row) => [row.file, `${row.bytes}/${row.modified_ms}`]))

  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.flatMap((entry) =>
    entry.isFile() && !isUnfinished(entry.name) ? [entry.name] : [],
  )
  const waiting = await Promise.all(
    names.sort().map(async (file) => {
      const path = join(folder, file)
      const { size, mtimeMs } = await stat(path)
      return { file, path, bytes: size, modifiedMs: Math.floor(mtimeMs) }
    }),
  )
  return waiting.filter(
    ({ file, bytes, modifiedMs }) => known.get(file) !== `${bytes}/${modifiedMs}`,
  )
}

/** Hidden files and files still being copied. What arrived through a command is whole, whatever its name. */
function isUnfinished(file: string): boolean {
  if (file.startsWith('.')) return true
  return arrivalOf(file).name === file && /\.(tmp|part|crdownload)$/.test(file)
}

/**
 * Loads the waiting files of a feed, each committed as it comes. A file that is not this feed at all is
 * refused with the reason, and does not stop the others.
 */
async function loadInbox(
  source: Source,
  { inbox, keys }: InboxHome,
  { db, pool, signal, progress }: Context,
): Promise<Fetched> {
  const waiting = await newFiles(db, source, inbox)
  const total = waiting.reduce((sum, { bytes }) => sum + bytes, 0) || 1
  const loads: Fetched['loads'] = []
  // A worker that has nothing to load does without the code for it.
  const { identify } = await import('#kit/read/feed-file.ts')
  const { loadFile } = await import('#kit/load/load-file.ts')
  let done = 0
  for (const { file: lying, path, bytes } of waiting) {
    signal?.throwIfAborted()
    const { name, format } = arrivalOf(lying)
    const note = noteOn(name)
    const onProgress = (now: LoadProgress) =>
      progress?.((done + Math.min(now.bytesRead, bytes)) / total, note(now))
    const file = await identify(feedName(source), path, { name, signal })
    const load = await loadFile(pool, source, file, {
      onProgress,
      signal,
      keysFolder: keys,
      format,
    })
    loads.push({ file: name, load })
    done += bytes
  }
  return { loads, dealtWith: waiting }
}

/**
 * Publishes in the transaction given what was loaded, also by a step before this one that did not end,
 * and books the files as dealt with.
 */
async function publishLoads(
  tx: Kysely<AnyDatabase>,
  source: Source,
  { loads, dealtWith }: Fetched,
  { client }: { client: pg.PoolClient },
): Promise<InboxLoad> {
  for (const file of dealtWith) await book(tx, source, file)
  const published = await publish(client, feedName(source))
  const metadata = metadataOf(loads, published)
  const rows = metadata.rowsNew + metadata.rowsNewer
  if (rows > 0) await sql`analyze ${sql.table(source.name)}`.execute(tx)
  const unnoted = published.filter(({ isNoted }) => !isNoted)
  const touched = await touchedBy(
    client,
    source,
    unnoted.map(({ loadId }) => loadId),
  )
  return { rows, changed: rows > 0, metadata, touched }
}

/** 'fees.csv, 120,000 rows a second', once that can be said. */
function noteOn(file: string) {
  const start = performance.now()
  return ({ rows }: LoadProgress) => {
    const seconds = (performance.now() - start) / 1000
    if (seconds < 1) return file
    return `${file}, ${Math.round(rows / seconds).toLocaleString('en')} rows a second`
  }
}

/** What the files brought is what is published now; the files tell what was not to be loaded. */
function metadataOf(
  loads: readonly { file: string; load: FileLoad }[],
  published: readonly Unpublished[],
): InboxLoad['metadata'] {
  const sum = (count: (load: Unpublished) => number) =>
    published.reduce((total, load) => total + count(load), 0)
  const publishedNow = new Set(published.map(({ loadId }) => loadId))
  return {
    files: loads.length,
    rowsRead: sum(({ rowsRead }) => rowsRead),
    rowsNew: sum(({ rowsNew }) => rowsNew),
    rowsNewer: sum(({ rowsNewer }) => rowsNewer),
    rowsSame: sum(({ rowsSame }) => rowsSame),
    rowsRejected: sum(({ rowsRejected }) => rowsRejected),
    alreadyLoaded: loads
      .filter(({ load }) => load.alreadyLoaded && !publishedNow.has(load.loadId))
      .map(({ file }) => file),
    refused: loads.flatMap(({ file, load: { refused } }) =>
      refused === null ? [] : [{ file, reason: refused }],
    ),
    ignoredColumns: [...new Set(loads.flatMap(({ load }) => load.ignoredColumns))],
  }
}

async function book(
  tx: Kysely<AnyDatabase>,
  source: Source,
  { file, bytes, modifiedMs }: WaitingFile,
) {
  await sql`
    insert into raw.inbox_file (feed, file, bytes, modified_ms)
    values (${feedName(source)}, ${file}, ${bytes}, ${modifiedMs})
    on conflict (feed, file) do update set bytes = excluded.bytes, modified_ms = excluded.modified_ms`.execute(
    tx,
  )
}
