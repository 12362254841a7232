/** One value on its way from a column of an Arrow batch to a field of a tuple. */
import type { Value } from '../fields/value-of.ts'

/** The values of a column in one batch. A null is asked for neither way. */
export interface ColumnReader {
  /** Writes the value of a row as a field; -1 for "not provably valid". */
  write: (row: number, out: Uint8Array, at: number) => number
  /** The value of a row as zod takes it, and as JSON in quarantine has it. */
  value: (row: number) => Value
}

/** A column whose buffers do not hold what they say. */
export class BrokenColumn extends Error {
  override name = 'BrokenColumn'
}

const twoTo32 = 4_294_967_296

/** 64-bit integers as pairs of words: no BigInt is made per value. */
export class Int64s {
  readonly #words: Int32Array
  readonly #isUnsigned: boolean

  constructor(values: ArrayBufferView, length: number, isUnsigned = false) {
    requireBytes(values, 8 * length)
    this.#words = new Int32Array(values.buffer, values.byteOffset, 2 * length)
    this.#isUnsigned = isUnsigned
  }

  /** The integer; NaN when a double cannot hold it. */
  at(row: number): number {
    const high = this.#words[2 * row + 1]!
    const value = (this.#isUnsigned ? high >>> 0 : high) * twoTo32 + (this.#words[2 * row]! >>> 0)
    return Number.isSafeInteger(value) ? value : Number.NaN
  }

  /** The integer divided by 1000; NaN when something is left over or a double cannot hold it. */
  thousandth(row: number): number {
    const high = this.#words[2 * row + 1]!
    const thousands = Math.floor(high / 1000)
    const rest = (high - thousands * 1000) * twoTo32 + (this.#words[2 * row]! >>> 0)
    const value = thousands * twoTo32 + rest / 1000
    return Number.isSafeInteger(value) && rest % 1000 === 0 ? value : Number.NaN
  }

  exactly(row: number): bigint {
    const high = BigInt(this.#words[2 * row + 1]!)
    const value = (high << 32n) | BigInt(this.#words[2 * row]! >>> 0)
    return this.#isUnsigned ? BigInt.asUintN(64, value) : value
  }
}

/** Refuses a buffer that is shorter than its column. */
export function requireBytes(values: ArrayBufferView | undefined, bytes: number) {
  if (!values || values.byteLength < bytes)
    throw new BrokenColumn('a column is shorter than its batch')
}
