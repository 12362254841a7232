/** The folder source: files that wait in `<home>/inbox/<feed>/` to be loaded. They stay there. */
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { type Kysely, sql } from 'kysely'
import type pg from 'pg'

import type { AnyDatabase, Source } from '#kit/asset.ts'
import { FeedError } from '#kit/load/feed-error.ts'
import { feedName } from '#kit/load/header.ts'
import { bookRefusal, type FileLoad, identify, knownKeys, loadFile } from '#kit/load/load-file.ts'

import { arrivalOf } from './arrivals.ts'
import type { Home } from './home.ts'

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

/** What a load is given by the step it runs in. */
interface Context {
  client: pg.PoolClient
  signal?: AbortSignal
  progress?: (fraction: number, note?: string) => void
}

/** The inbox of a home, in the shape the engine asks for. */
export function inboxOf({ inbox }: Pick<Home, 'inbox'>) {
  return {
    hasNews: async (db: Kysely<AnyDatabase>, source: Source): Promise<boolean> =>
      (await newFiles(db, source, inbox)).length > 0,
    load: (tx: Kysely<AnyDatabase>, source: Source, context: Context): Promise<InboxLoad> =>
      loadInbox(tx, source, inbox, context),
  }
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
 * Loads the waiting files of a feed in the transaction given. A file that is not this feed at all is
 * booked as refused, with the reason, and does not stop the others.
 */
async function loadInbox(
  tx: Kysely<AnyDatabase>,
  source: Source,
  inbox: string,
  { client, signal, progress }: Context,
): Promise<InboxLoad> {
  const known = await knownKeys(client, source)
  const waiting = await newFiles(tx, source, inbox)
  const total = waiting.reduce((sum, { bytes }) => sum + bytes, 0) || 1
  const metadata: InboxLoad['metadata'] = {
    files: waiting.length,
    rowsRead: 0,
    rowsNew: 0,
    rowsNewer: 0,
    rowsSame: 0,
    rowsRejected: 0,
    alreadyLoaded: [],
    refused: [],
    ignoredColumns: [],
  }
  let done = 0
  for (const waitingFile of waiting) {
    signal?.throwIfAborted()
    const { name } = arrivalOf(waitingFile.file)
    const onProgress = (bytes: number) => progress?.((done + bytes) / total, name)
    const outcome = await loadOrRefuse(client, source, { ...waitingFile, name }, (file) =>
      loadFile(client, source, file, { onProgress, signal, known }),
    )
    add(metadata, name, outcome)
    await book(tx, source, waitingFile)
    done += waitingFile.bytes
  }
  const rows = metadata.rowsNew + metadata.rowsNewer
  if (rows > 0) await sql`analyze ${sql.table(source.name)}`.execute(tx)
  return { rows, changed: rows > 0, metadata }
}

async function loadOrRefuse(
  client: pg.PoolClient,
  source: Source,
  { path, name }: WaitingFile & { name: string },
  load: (file: Awaited<ReturnType<typeof identify>>) => Promise<FileLoad>,
): Promise<FileLoad | FeedError> {
  const file = await identify(feedName(source), path, { name })
  await client.query('savepoint file')
  try {
    const loaded = await load(file)
    await client.query('release savepoint file')
    return loaded
  } catch (error) {
    if (!(error instanceof FeedError)) throw error
    await client.query('rollback to savepoint file')
    await bookRefusal(client, file, error.message)
    return error
  }
}

function add(metadata: InboxLoad['metadata'], file: string, outcome: FileLoad | FeedError) {
  if (outcome instanceof FeedError) {
    metadata.refused.push({ file, reason: outcome.message })
    return
  }
  if (outcome.alreadyLoaded) metadata.alreadyLoaded.push(file)
  for (const column of outcome.ignoredColumns)
    if (!metadata.ignoredColumns.includes(column)) metadata.ignoredColumns.push(column)
  const counts = ['rowsRead', 'rowsNew', 'rowsNewer', 'rowsSame', 'rowsRejected'] as const
  for (const count of counts) metadata[count] += outcome[count]
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
