/** Binary COPY tuples on their way to the sink. */
import type { Source } from '../asset.ts'
import type { Sink } from './encoder.ts'
import { writeInt4, writeInt8 } from './fields/whole.ts'
import { hashKey, keyHash } from './key-hash.ts'

/** load_id, line and the number of fields. */
const frame = 2 + 12 + 8

/**
 * Writes tuples one after the other into the sink's buffers. Whoever has a row to write calls
 * `begin`, writes its fields to `out` (the place of each noted in `starts`) and calls `end`; or does
 * not call `end`, and the row was never there.
 */
export class Tuples {
  /** Where the tuple begun last is written. */
  out: Buffer = Buffer.alloc(0)
  /** Where each field of that tuple begins. */
  readonly starts: Int32Array
  /** The columns of a tuple, in order. */
  readonly columns: readonly string[]
  readonly #sink: Sink
  readonly #loadId: number
  readonly #key: Int32Array
  readonly #fields: number
  /** Holds `#rows` whole tuples that end at `#filled`. */
  #room: Buffer = Buffer.alloc(0)
  #filled = 0
  #rows = 0
  /** Where in `out` the tuple begun last is. */
  #from = 0

  constructor(source: Source, names: readonly string[], sink: Sink, loadId: number) {
    this.#sink = sink
    this.#loadId = loadId
    this.#key = Int32Array.from(source.grain, (name) => names.indexOf(name))
    this.columns = [...names, 'load_id', 'line']
    this.#fields = this.columns.length
    this.starts = new Int32Array(names.length)
  }

  /** Begins a tuple whose fields take at most `most` bytes; returns where the first goes. */
  begin(most: number): number {
    const needed = most + frame
    if (this.#filled + needed > this.#room.length) {
      this.flush()
      if (this.#room.length === 0) this.#room = this.#sink.room()
    }
    const fits = needed <= this.#room.length
    // One that is too large for a buffer of the sink gets its own, and is then staged.
    this.out = fits ? this.#room : Buffer.allocUnsafe(needed)
    this.#from = fits ? this.#filled : 0
    this.out[this.#from] = this.#fields >>> 8
    this.out[this.#from + 1] = this.#fields
    return this.#from + 2
  }

  /** The fields of the tuple end at `at`. It gets its way back and goes to the sink. */
  end(at: number, line: number) {
    const { out } = this
    const stop = writeInt4(out, writeInt8(out, at, this.#loadId), line)
    hashKey(out, this.starts, this.#key)
    const { high, low } = keyHash
    if (this.#sink.isNew(high, low) && out === this.#room) {
      this.#filled = stop
      this.#rows++
    } else this.#sink.staged(out.subarray(this.#from, stop), high, low)
  }

  /** Hands over what is written; a buffer in which nothing is written is kept. */
  flush() {
    if (this.#rows === 0) return
    this.#sink.direct(this.#room.subarray(0, this.#filled), this.#rows)
    this.#room = Buffer.alloc(0)
    this.#filled = 0
    this.#rows = 0
  }
}
