import { makeData, Utf8 } from 'apache-arrow'

import { batchRows, Builder, type Validity } from './builder.ts'

/** text, and all that is read as text. */
export class Texts extends Builder<Utf8> {
  readonly #ends = new Int32Array(batchRows + 1)
  #bytes = Buffer.allocUnsafeSlow(1 << 16)
  #end = 0

  constructor() {
    super(new Utf8())
  }

  append(row: number, bytes: Buffer, at: number, length: number) {
    if (this.#end + length > this.#bytes.length) this.#grow(length)
    if (length < shortest) {
      // A call that copies costs more than so few bytes do.
      for (let i = 0; i < length; i++) this.#bytes[this.#end + i] = bytes[at + i]!
    } else bytes.copy(this.#bytes, this.#end, at, at + length)
    this.#end += length
    this.#ends[row + 1] = this.#end
  }

  blank(row: number) {
    this.#ends[row + 1] = this.#end
  }

  make(length: number, validity: Validity) {
    const data = this.#bytes.subarray(0, this.#end)
    const valueOffsets = this.#ends.subarray(0, length + 1)
    this.#end = 0
    return makeData({ type: this.type, length, data, valueOffsets, ...validity })
  }

  #grow(by: number) {
    const wider = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#end + by))
    this.#bytes.copy(wider, 0, 0, this.#end)
    this.#bytes = wider
  }
}

const shortest = 24
