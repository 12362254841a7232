import type { Position, Sink } from '../encode/encoder.ts'
import { Arena } from './arena.ts'
import { Batch, type BatchSize } from './batch.ts'
import { BatchKeys } from './batch-keys.ts'
import type { KeyFilter } from './key-filter.ts'
import type { Rejected } from './ledger.ts'

/** Writes one batch from its first row to its commit, while it is being filled. */
export type WriteBatch = (batch: Batch) => Promise<void>

export const batchSize: BatchSize = { rows: 64 * 1024, bytes: 16 * 1024 * 1024 }

/** How far the encoder may be ahead of Postgres. */
const slackBytes = 2 * 1024 * 1024

/**
 * Where judged rows land: the sink of one load. Rows with new keys are on their way to Postgres while
 * the next ones are encoded, so that neither waits for the other.
 */
export class Landing implements Sink {
  readonly #known: KeyFilter | null
  readonly #write: WriteBatch
  readonly #size: BatchSize
  readonly #arena = new Arena()
  readonly #stagedArena = new Arena()
  /** Of the batch being filled. */
  readonly #stagedKeys = new BatchKeys()
  #batch: Batch | undefined
  /** All batches so far, in turn; and those before the one being filled. */
  #written: Promise<void> = Promise.resolve()
  #before: Promise<void> = Promise.resolve()
  #hasFailed = false
  #rejected = 0
  #rows = 0

  /** Without a filter every key is perhaps known. */
  constructor(known: KeyFilter | null, write: WriteBatch, size: BatchSize = batchSize) {
    this.#known = known
    this.#write = write
    this.#size = size
  }

  room(): Buffer {
    return this.#arena.room()
  }

  isNew(high: number, low: number): boolean {
    return this.#known?.isNew(high, low) ?? false
  }

  direct(tuples: Buffer, rows: number) {
    const batch = this.#open()
    batch.arriving.put(this.#arena.keep(batch.direct, tuples.length))
    batch.directRows += rows
    this.#rows += rows
  }

  staged(tuple: Uint8Array, high: number, low: number) {
    const batch = this.#open()
    const isShared = this.#stagedKeys.has(high, low)
    batch.hasShared ||= isShared
    batch.stagedRows++
    this.#rows++
    // The stage has one column more, a flag.
    const length = tuple.length + 5
    const room = this.#stagedArena.room(length)
    room.set(tuple)
    room.writeInt16BE(room.readInt16BE(0) + 1, 0)
    room.writeInt32BE(1, tuple.length)
    room[tuple.length + 4] = Number(isShared)
    this.#stagedArena.keep(batch.staged, length)
  }

  reject(line: number, raw: string, rows: number, reasons: Rejected['reasons']) {
    // A copy: a slice would keep the whole piece of the file it was cut from.
    const text = Buffer.from(raw.replaceAll('\0', '\u2400')).toString()
    this.#open().setAside({ line, raw: text, reasons }, rows)
    this.#rows += rows
    this.#rejected += rows
  }

  /** A row that was in quarantine is among those accepted. */
  mended(row: string) {
    this.#open().mended.push(row)
  }

  /** Rows so far, of which some were rejected. */
  get count(): { rows: number; rejected: number } {
    return { rows: this.#rows, rejected: this.#rejected }
  }

  /** Ends the batch here if it is full; waits while Postgres is too far behind. */
  async settle(position: Position) {
    if (this.#hasFailed) await this.#written
    const batch = this.#batch
    if (!batch) return
    await batch.arriving.below(slackBytes)
    if (!batch.isFull(this.#size)) return
    this.#close({ position, isLast: false, isFinished: false })
    await this.#before
  }

  /** Commits what came so far: the file up to there. */
  async finish(position: Position, { isFinished }: { isFinished: boolean }) {
    this.#open()
    this.#close({ position, isLast: true, isFinished })
    await this.#written
  }

  /** Gives up what is not committed. */
  async abandon(reason: Error) {
    this.#batch?.arriving.fail(reason)
    await this.#written.catch(() => {})
  }

  #open(): Batch {
    return (this.#batch ??= this.#next())
  }

  #close(end: NonNullable<Batch['end']>) {
    this.#batch?.close(end)
    this.#batch = undefined
  }

  #next(): Batch {
    const batch = new Batch()
    this.#stagedKeys.clear()
    this.#before = this.#written
    this.#written = this.#writeAfter(this.#before, batch)
    this.#written.catch(() => {
      this.#hasFailed = true
      batch.arriving.decline()
    })
    return batch
  }

  async #writeAfter(before: Promise<void>, batch: Batch) {
    await before
    await this.#write(batch)
    this.#arena.free(batch.direct)
    this.#stagedArena.free(batch.staged)
  }
}
