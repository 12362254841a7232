import { Decimal, makeData } from 'apache-arrow'

import { batchRows, Builder, type Validity } from './builder.ts'

/** Of a binary numeric: how many groups of four digits, place of the first group, sign. */
const headLength = 8
const negative = 0x4000

/** What a float still holds exactly after one more group of digits. */
const mostInFloat = Math.floor((Number.MAX_SAFE_INTEGER - 9999) / 10_000)

/** numeric as 128-bit decimals of one scale: every digit as Postgres keeps it, or an error. */
export class Decimals extends Builder<Decimal> {
  readonly #words = new Int32Array(4 * batchRows)
  readonly #longs = new BigInt64Array(this.#words.buffer)
  /** Place of the last group of four digits, and by what it shifts the groups before it. */
  readonly #last: number
  readonly #factor: number

  constructor({ precision, scale }: { precision: number; scale: number }) {
    super(new Decimal(scale, precision, 128))
    const groups = Math.ceil(scale / 4)
    this.#last = -groups
    this.#factor = 10 ** (4 - (4 * groups - scale))
  }

  append(row: number, bytes: Buffer, at: number) {
    const count = bytes.readInt16BE(at)
    const first = bytes.readInt16BE(at + 2)
    const sign = bytes.readUInt16BE(at + 4)
    if (sign !== 0 && sign !== negative) throw new Error('A number is NaN or infinity.')
    if (first - count + 1 < this.#last) this.#refuse()

    let value = 0
    let place = first
    for (; place >= this.#last && value <= mostInFloat; place--) {
      const group = first - place
      const digits = group < count ? bytes.readInt16BE(at + headLength + 2 * group) : 0
      value =
        place > this.#last ? value * 10_000 + digits : value * this.#factor + this.#cut(digits)
    }
    if (place < this.#last) return this.#setNumber(row, value, sign === negative)

    let long = BigInt(value)
    for (; place >= this.#last; place--) {
      const group = first - place
      const digits = group < count ? bytes.readInt16BE(at + headLength + 2 * group) : 0
      long =
        place > this.#last
          ? long * 10_000n + BigInt(digits)
          : long * BigInt(this.#factor) + BigInt(this.#cut(digits))
    }
    this.#setLong(row, sign === negative ? -long : long)
  }

  /** Of the last group only the leading digits are within the scale. */
  #cut(digits: number): number {
    const kept = (digits * this.#factor) / 10_000
    return Number.isInteger(kept) ? kept : this.#refuse()
  }

  #setNumber(row: number, value: number, isNegative: boolean) {
    const high = Math.floor(value / 2 ** 32)
    const low = value - high * 2 ** 32
    const words = this.#words
    const at = 4 * row
    if (isNegative && value > 0) {
      words[at] = -low | 0
      words[at + 1] = (~high + (low === 0 ? 1 : 0)) | 0
      words[at + 2] = words[at + 3] = -1
    } else {
      words[at] = low | 0
      words[at + 1] = high
      words[at + 2] = words[at + 3] = 0
    }
  }

  #setLong(row: number, value: bigint) {
    this.#longs[2 * row] = BigInt.asIntN(64, value)
    this.#longs[2 * row + 1] = value >> 64n
  }

  #refuse(): never {
    throw new Error(`A number has more than ${this.type.scale} digits after the point.`)
  }

  blank(row: number) {
    this.#words.fill(0, 4 * row, 4 * row + 4)
  }

  make(length: number, validity: Validity) {
    const data = new Uint32Array(this.#words.buffer, 0, 4 * length)
    return makeData({ type: this.type, length, data, ...validity })
  }
}
