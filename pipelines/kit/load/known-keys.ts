/** The keys that a feed's table holds, as far as they are worth knowing before a load. */
import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { Source } from '../asset.ts'
import { hashKey, keyHash } from '../encode/key-hash.ts'
import { KeyFilter } from './key-filter.ts'
import { quoted } from './merge-sql.ts'

/** Where a filter is kept between loads. It may be lost or stale: that costs time and nothing else. */
export interface KeyStore {
  feed: string
  /** Null: nowhere. */
  folder: string | null
}

/** What is known of a feed's table before a load. */
export interface TableState {
  isEmpty: boolean
  /** About how many rows it has. */
  rows: number
  /** Differs once keys came into the table: which file of the server it is, and the ledger's count. */
  stamp: string
}

export async function tableState(
  client: pg.ClientBase,
  { name }: Source,
  { feed }: KeyStore,
): Promise<TableState> {
  const { rows } = await client.query<{ filled: boolean; rows: string; stamp: string }>(
    `select exists (select from ${quoted(name)}) as filled,
            case when reltuples > 0 then reltuples else pg_relation_size(oid) / 150 end::int8 as rows,
            concat_ws('/', current_database(), pg_relation_filenode(oid),
              (select concat(max(load_id), '/', sum(rows_new)) from raw.load
               where feed = $2 and rows_new > 0)) as stamp
     from pg_class where oid = $1::regclass`,
    [quoted(name), feed],
  )
  const [state] = rows
  return { isEmpty: !state?.filled, rows: Number(state?.rows), stamp: state?.stamp ?? '' }
}

/**
 * The filter of the keys a table holds: kept since the last load, or read from the table if the file
 * that comes is large beside it. Null: every row of the file is compared with the table instead.
 */
export async function knownKeys(
  client: pg.ClientBase,
  source: Source,
  { isEmpty, rows, stamp }: TableState,
  { store, fileRows }: { store: KeyStore; fileRows: number },
): Promise<KeyFilter | null> {
  if (isEmpty) return new KeyFilter({ expected: fileRows })
  const kept = await keptKeys(store, stamp)
  if (kept) return kept
  if (fileRows * 10 < rows) return null
  return await keysOfTable(client, source, rows + fileRows)
}

async function keysOfTable(
  client: pg.ClientBase,
  { name, grain }: Source,
  expected: number,
): Promise<KeyFilter> {
  const filter = new KeyFilter({ expected })
  const columns = grain.map(quoted).join(', ')
  const copy = client.query(
    copyTo(`copy (select ${columns} from ${quoted(name)}) to stdout (format binary)`),
  )
  const places = Int32Array.from(grain.keys())
  const starts = new Int32Array(grain.length)
  let rest: Buffer = Buffer.alloc(0)
  let isBeginning = true
  for await (const piece of copy as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    let at = 0
    if (isBeginning) {
      if (bytes.length < beginning) {
        rest = bytes
        continue
      }
      at = beginning
      isBeginning = false
    }
    for (;;) {
      const end = endOfTuple(bytes, at, starts)
      if (end < 0) break
      hashKey(bytes, starts, places)
      filter.isNew(keyHash.high, keyHash.low)
      at = end
    }
    rest = Buffer.from(bytes.subarray(at))
  }
  return filter
}

/** Signature, flags and length of an extension that there is not. */
const beginning = 19

/** Where the tuple at `at` ends, with the place of each field in `starts`; -1: it is not all there, or the last was before. */
function endOfTuple(bytes: Buffer, at: number, starts: Int32Array): number {
  if (at + 2 > bytes.length || bytes.readInt16BE(at) < 0) return -1
  let next = at + 2
  for (let i = 0; i < starts.length; i++) {
    if (next + 4 > bytes.length) return -1
    starts[i] = next
    next += 4 + Math.max(0, bytes.readInt32BE(next))
  }
  return next > bytes.length ? -1 : next
}

/** What stands at the beginning of a kept filter, as JSON, filled up with blanks. */
interface Head {
  stamp: string
  free: number
  words: number[]
}
const headBytes = 1024

/** Keeps a filter for the next load. Who reads sees the whole of it or none. */
export async function keepKeys({ feed, folder }: KeyStore, stamp: string, keys: KeyFilter) {
  if (folder === null) return
  await mkdir(folder, { recursive: true })
  const head: Head = { stamp, free: keys.free, words: keys.layers.map(({ length }) => length) }
  const path = fileOf(folder, feed)
  const aside = `${path}.${process.pid}.tmp`
  await writeFile(aside, [
    Buffer.from(JSON.stringify(head).padEnd(headBytes)),
    ...keys.layers.map(({ buffer }) => Buffer.from(buffer)),
  ])
  await rename(aside, path)
}

/** The filter kept by an earlier load, if the table has got no other keys since. */
export async function keptKeys(store: KeyStore, stamp: string): Promise<KeyFilter | null> {
  if (store.folder === null) return null
  // A file that is missing or damaged is as good as none.
  return await readKeys(fileOf(store.folder, store.feed), stamp).catch(() => null)
}

async function readKeys(path: string, stamp: string): Promise<KeyFilter | null> {
  await using file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
  const head = JSON.parse(buffer.toString()) as Head
  if (head.stamp !== stamp) return null
  let at = headBytes
  const layers: Int32Array[] = []
  for (const words of head.words) {
    const layer = new Int32Array(words)
    const { bytesRead } = await file.read(new Uint8Array(layer.buffer), 0, layer.byteLength, at)
    if (bytesRead !== layer.byteLength) return null
    at += bytesRead
    layers.push(layer)
  }
  const filter = new KeyFilter({ layers })
  filter.free = head.free
  return filter
}

function fileOf(folder: string, feed: string): string {
  return join(folder, `${feed}.keys`)
}
