import { DateDay, makeData, TimeMicrosecond, TimestampMicrosecond } from 'apache-arrow'

import { batchRows, Builder, type Validity } from './builder.ts'
import { Halves } from './halves.ts'

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
