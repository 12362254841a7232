import {
  Bool,
  DateDay,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  makeData,
  TimeMicrosecond,
  TimestampMicrosecond,
} from 'apache-arrow'

import { batchRows, Builder, bytesFor, type Validity } from './builder.ts'

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

/** Postgres counts days and microseconds from 2000, Arrow from 1970. */
const daysTo2000 = 10_957
const microsecondsTo2000 = 946_684_800_000_000n

/** date. */
export class Days extends Builder<DateDay> {
  readonly #values = new Int32Array(batchRows)
  constructor() {
    super(new DateDay())
  }
  append(row: number, bytes: Buffer, at: number) {
    const day = bytes.readInt32BE(at)
    if (day === 0x7fffffff || day === -0x80000000) throw new Error(infinite)
    this.#values[row] = day + daysTo2000
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

const infinite =
  'A date or time is infinity, which Arrow and Parquet cannot hold. Export to CSV or NDJSON.'

/** 64-bit integers, written as two halves so that no BigInt is made for each. */
class Halves {
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

/** time: microseconds since midnight. */
export class TimesOfDay extends Builder<TimeMicrosecond> {
  readonly #values = new Halves()
  constructor() {
    super(new TimeMicrosecond())
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

const addHigh = Number(microsecondsTo2000 >> 32n)
const addLow = Number(microsecondsTo2000 & 0xffffffffn)

/** timestamptz as UTC, or timestamp without a zone. */
export class Instants extends Builder<TimestampMicrosecond> {
  readonly #values = new Halves()
  constructor(zone: 'UTC' | null) {
    super(new TimestampMicrosecond(zone))
  }
  append(row: number, bytes: Buffer, at: number) {
    const high = bytes.readInt32BE(at)
    const low = bytes.readUInt32BE(at + 4)
    if (high === 0x7fffffff || (high === -0x80000000 && low === 0)) throw new Error(infinite)
    const sum = low + addLow
    this.#values.set(row, high + addHigh + (sum > 0xffffffff ? 1 : 0), sum | 0)
  }
  blank(row: number) {
    this.#values.set(row, 0, 0)
  }
  make(length: number, validity: Validity) {
    return makeData({ type: this.type, length, data: this.#values.first(length), ...validity })
  }
}
