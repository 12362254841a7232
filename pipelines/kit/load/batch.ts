import type { Position } from '../encode/encoder.ts'
import { type Held, nothingHeld } from './arena.ts'
import { Handover } from './handover.ts'
import type { Rejected } from './ledger.ts'

/** When a batch is full. What a load needs of memory is two of them. */
export interface BatchSize {
  rows: number
  /** Of tuples, and a quarter of it of rejected text. */
  bytes: number
}

/** Where a batch ends in its file. */
export interface BatchEnd {
  position: Position
  /** Nothing of the file is read after this batch. */
  isLast: boolean
  /** And nothing is left of it either. */
  isFinished: boolean
}

/** The rows between two commits: they come while the first of them are already on their way. */
export class Batch {
  /** Rows with new keys, as they come. */
  readonly arriving = new Handover()
  /** The same, held for another try until the batch is committed. */
  readonly direct: Held = nothingHeld()
  readonly staged: Held = nothingHeld()
  readonly rejected: Rejected[] = []
  /** Rows of the quarantine that rows of this batch are the mended form of. */
  readonly mended: string[] = []
  directRows = 0
  stagedRows = 0
  rejectedRows = 0
  /** Whether two staged rows have the same key. */
  hasShared = false
  end: BatchEnd | undefined
  #rejectedBytes = 0

  setAside(rejected: Rejected, rows: number) {
    this.rejected.push(rejected)
    this.rejectedRows += rows
    this.#rejectedBytes += 200 + rejected.raw.length
  }

  get rows(): number {
    return this.directRows + this.stagedRows + this.rejectedRows
  }

  isFull({ rows, bytes }: BatchSize): boolean {
    return (
      this.rows >= rows ||
      this.direct.bytes + this.staged.bytes >= bytes ||
      this.#rejectedBytes >= bytes / 4
    )
  }

  /** No more rows come. */
  close(end: BatchEnd) {
    this.end = end
    this.arriving.end()
  }
}
