import type { Sink } from '../encode/encoder.ts'
import { Arena, nothingHeld } from './arena.ts'
import type { KeyFilter } from './key-filter.ts'
import type { Rejected } from './ledger.ts'

/** A line in quarantine, and what became of it when it was judged again. */
export interface QuarantinedLine extends Rejected {
  /** Rows of it that are still rejected; their reasons have taken the place of the ones before. */
  rejectedRows: number
  /** Rows of it that were rejected before. */
  rejectedBefore: number
}

/** Takes rows that are judged again, all for the stage, each with the line it once came from. */
export class ReplaySink implements Sink {
  /** The line that is judged. */
  line: QuarantinedLine | undefined
  rows = 0
  readonly #keys: KeyFilter | null
  readonly #arena = new Arena()
  readonly #held = nothingHeld()

  /** The filter learns the keys, so that it stays true of the table. */
  constructor(keys: KeyFilter | null) {
    this.#keys = keys
  }

  get tuples(): readonly Buffer[] {
    return this.#held.pieces
  }

  clear() {
    this.#arena.free(this.#held)
    this.rows = 0
  }

  room(): Buffer {
    return Buffer.alloc(64 * 1024)
  }

  isNew(high: number, low: number): boolean {
    this.#keys?.isNew(high, low)
    return false
  }

  direct() {
    throw new Error('A row that is judged again is never certainly new.')
  }

  staged(tuple: Uint8Array) {
    const room = this.#arena.room(tuple.length)
    room.set(tuple)
    // A tuple ends with its line.
    room.writeInt32BE(this.line?.line ?? 0, tuple.length - 4)
    this.#arena.keep(this.#held, tuple.length)
    this.rows++
  }

  reject(_line: number, _raw: string, rows: number, reasons: Rejected['reasons']) {
    if (!this.line) return
    this.line.rejectedRows += rows
    this.line.reasons = reasons
  }
}
