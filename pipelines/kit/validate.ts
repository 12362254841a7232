/** Judges a file by its feed's contract without a warehouse: the same reading, encoding and reasons. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Source } from './asset.ts'
import { encoderFor } from './encode/encoder-for.ts'
import type { Layout, Sink } from './encode/encoder.ts'
import { BatchKeys } from './load/batch-keys.ts'
import { FeedError, noRows } from './read/feed-error.ts'
import { mending } from './load/mending.ts'
import { type Reason, sentence } from './encode/reasons.ts'
import { feedName } from './read/header.ts'
import { openFeed } from './read/open-feed.ts'
import type { Format } from './read/recognise.ts'
import { type Column, columns } from './table.ts'

/** What became of one file. `rows` is the sum of accepted and rejected. */
export interface Verdict {
  file: string
  feed: string
  format: Layout['format'] | null
  rows: number
  accepted: number
  rejected: number
  /** Why rows were rejected, the most frequent kind first. */
  reasons: RejectedKind[]
  /** Accepted rows whose key an earlier row of the file has: of each key the newest would stay. */
  repeatedKeys: number
  /** Whether keys were compared in the whole file: beyond some millions they are not kept. */
  comparedAllKeys: boolean
  /** Columns that the contract does not know. */
  ignoredColumns: string[]
  bytes: number
  seconds: number
  /** Why the file, or the rest of it, cannot be read as this feed. */
  refused: string | null
}

/** Rows that were rejected for the same kind of reason. */
export interface RejectedKind {
  /** The column at fault; null: lines that could not be read. */
  column: string | null
  rows: number
  /** The first of them. */
  first: { line: number; reason: string; raw: string }[]
}

export interface ValidateOptions {
  /** What people call the file. */
  name?: string
  /** The format of the file, where it is not to be recognised. */
  format?: Format | undefined
  onProgress?: (progress: { bytesRead: number; bytesTotal: number; rows: number }) => void
  signal?: AbortSignal
}

/** Judges one file. */
export async function validateFile(
  source: Source,
  path: string,
  { name = basename(path), format, onProgress, signal }: ValidateOptions = {},
): Promise<Verdict> {
  const start = performance.now()
  const { size: bytes } = await stat(path)
  const tally = new Tally(columns(source))
  const file = { feed: feedName(source), name, path, bytes, sha256: '' }
  let bytesRead = 0
  let found: { format: Layout['format'] | null; ignored: string[] } = { format: null, ignored: [] }
  let refused: string | null = null
  try {
    const opened = await openFeed(source, file, {
      format,
      signal,
      onRead: (count) => (bytesRead += count),
    })
    found = { format: opened.layout.format, ignored: opened.ignored }
    const judged = mending(source, opened.layout, tally) ?? { source, sink: tally }
    const { steps } = await encoderFor(judged.source, opened, judged.sink, {
      file: name,
      loadId: 0,
    })
    for await (const _ of steps) {
      signal?.throwIfAborted()
      onProgress?.({ bytesRead, bytesTotal: bytes, rows: tally.accepted + tally.rejected })
    }
    if (tally.accepted + tally.rejected === 0) throw noRows(file.feed, name)
  } catch (error) {
    if (!(error instanceof FeedError)) throw error
    refused = error.message
  }
  return {
    file: name,
    feed: file.feed,
    format: found.format,
    rows: tally.accepted + tally.rejected,
    accepted: tally.accepted,
    rejected: tally.rejected,
    reasons: tally.kinds(),
    repeatedKeys: tally.repeatedKeys,
    comparedAllKeys: tally.comparesAllKeys,
    ignoredColumns: found.ignored,
    bytes,
    seconds: (performance.now() - start) / 1000,
    refused,
  }
}

const roomBytes = 256 * 1024
/** What keys are kept of costs 16 bytes each. */
const mostKeys = 4_000_000
const firstShown = 3
const longestShown = 1000

/** A sink that keeps nothing but counts, and the first rows that were rejected. */
class Tally implements Sink {
  accepted = 0
  rejected = 0
  repeatedKeys = 0
  readonly #room = Buffer.allocUnsafe(roomBytes)
  readonly #keys = new BatchKeys()
  #keysLeft = mostKeys
  /** Whether the key asked for last was known. */
  #isRepeated = false
  readonly #kinds = new Map<string, RejectedKind>()
  readonly #columns: readonly Column[]

  constructor(known: readonly Column[]) {
    this.#columns = known
  }

  get comparesAllKeys(): boolean {
    return this.#keysLeft > 0
  }

  room(): Buffer {
    return this.#room
  }

  isNew(high: number, low: number): boolean {
    this.#isRepeated = this.#keysLeft > 0 && this.#keys.has(high, low)
    if (!this.#isRepeated && this.#keysLeft > 0) this.#keysLeft--
    return !this.#isRepeated
  }

  direct(_tuples: Buffer, rows: number) {
    this.accepted += rows
  }

  /** Also called for a tuple too long for the room. */
  staged() {
    this.accepted++
    if (this.#isRepeated) this.repeatedKeys++
  }

  reject(line: number, raw: string, rows: number, reasons: Reason[]) {
    this.rejected += rows
    const column = reasons[0]?.column ?? null
    const name = column ?? `\n${reasons[0]?.expected}`
    const kind = this.#kinds.get(name) ?? { column, rows: 0, first: [] }
    this.#kinds.set(name, kind)
    kind.rows += rows
    if (kind.first.length >= firstShown) return
    const reason = sentence(reasons, this.#columns)
    kind.first.push({ line, reason, raw: raw.slice(0, longestShown) })
  }

  kinds(): RejectedKind[] {
    return [...this.#kinds.values()].sort((a, b) => b.rows - a.rows)
  }
}
