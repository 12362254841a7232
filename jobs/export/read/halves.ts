import { batchRows } from './builder.ts'

/** 64-bit integers, written as two halves so that no BigInt is made for each. */
export class Halves {
  readonly #words = new Int32Array(2 * batchRows)
  readonly #longs = new BigInt64Array(this.#words.buffer)
  set(row: number, high: number, low: number) {
    this.#words[2 * row] = low
    this.#words[2 * row + 1] = high
  }
  first(rows: number) {
    return this.#longs.subarray(0, rows)
  }
}
