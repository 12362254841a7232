import { Bool, Float32, Float64, Int16, Int32, Int64, makeData } from 'apache-arrow'

import { batchRows, Builder, bytesFor, type Validity } from './builder.ts'
import { Halves } from './halves.ts'

/** int2. */
export class SmallIntegers extends Builder<Int16> {
  readonly #values = new Int16Array(batchRows)
  constructor() {
    super(new Int16())
  }
  append(row: number, bytes: Buffer, at: number) {
    this.#values[row] = bytes.readInt16BE(at)
  }
  blank(row: number) {
    this.#values[row] = 0
  }
  make(length: number, validity: Validity) {
    return makeData({
      type: this.type,
      length,
      data: this.#values.subarray(0, length),
      ...validity,
    })
  }
}

/** int4. */
export class Integers extends Builder<Int32> {
  readonly #values = new Int32Array(batchRows)
  constructor() {
    super(new Int32())
  }
  append(row: number, bytes: Buffer, at: number) {
    this.#values[row] = bytes.readInt32BE(at)
  }
  blank(row: number) {
    this.#values[row] = 0
  }
  make(length: number, validity: Validity) {
    return makeData({
      type: this.type,
      length,
      data: this.#values.subarray(0, length),
      ...validity,
    })
  }
}

/** float4. */
export class SmallFloats extends Builder<Float32> {
  readonly #values = new Float32Array(batchRows)
  constructor() {
    super(new Float32())
  }
  append(row: number, bytes: Buffer, at: number) {
    this.#values[row] = bytes.readFloatBE(at)
  }
  blank(row: number) {
    this.#values[row] = 0
  }
  make(length: number, validity: Validity) {
    return makeData({
      type: this.type,
      length,
      data: this.#values.subarray(0, length),
      ...validity,
    })
  }
}

/** float8. */
export class Floats extends Builder<Float64> {
  readonly #values = new Float64Array(batchRows)
  constructor() {
    super(new Float64())
  }
  append(row: number, bytes: Buffer, at: number) {
    this.#values[row] = bytes.readDoubleBE(at)
  }
  blank(row: number) {
    this.#values[row] = 0
  }
  make(length: number, validity: Validity) {
    return makeData({
      type: this.type,
      length,
      data: this.#values.subarray(0, length),
      ...validity,
    })
  }
}

/** bool. */
export class Flags extends Builder<Bool> {
  readonly #bits = new Uint8Array(batchRows / 8)
  constructor() {
    super(new Bool())
  }
  append(row: number, bytes: Buffer, at: number) {
    const bit = 1 << (row & 7)
    if (bytes[at]) this.#bits[row >> 3]! |= bit
    else this.#bits[row >> 3]! &= ~bit
  }
  blank(row: number) {
    this.#bits[row >> 3]! &= ~(1 << (row & 7))
  }
  make(length: number, validity: Validity) {
    const data = this.#bits.subarray(0, bytesFor(length))
    return makeData({ type: this.type, length, data, ...validity })
  }
}

/** int8. */
export class LongIntegers extends Builder<Int64> {
  readonly #values = new Halves()
  constructor() {
    super(new Int64())
  }
  append(row: number, bytes: Buffer, at: number) {
    this.#values.set(row, bytes.readInt32BE(at), bytes.readInt32BE(at + 4))
  }
  blank(row: number) {
    this.#values.set(row, 0, 0)
  }
  make(length: number, validity: Validity) {
    return makeData({ type: this.type, length, data: this.#values.first(length), ...validity })
  }
}
