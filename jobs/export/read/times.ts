import { DateDay, TimeMicrosecond, TimestampMicrosecond } from 'apache-arrow'

import { batchRows } from './builder.ts'
import type { Halves } from './halves.ts'
import { Longs, putLong, Slots } from './numbers.ts'

/** Postgres counts days and microseconds from 2000, Arrow from 1970. */
const daysTo2000 = 10_957
const microsecondsTo2000 = 946_684_800_000_000n
const addHigh = Number(microsecondsTo2000 >> 32n)
const addLow = Number(microsecondsTo2000 & 0xffffffffn)

const infinite =
  'A date or time is infinity, which Arrow and Parquet cannot hold. Export to CSV or NDJSON.'

export const date = () => new Slots(new DateDay(), new Int32Array(batchRows), dayAt)

/** time: microseconds since midnight. */
export const time = () => new Longs(new TimeMicrosecond(), putLong)

/** timestamptz as UTC, or timestamp without a zone. */
export const timestamp = (zone: 'UTC' | null) =>
  new Longs(new TimestampMicrosecond(zone), putInstant)

function dayAt(bytes: Buffer, at: number): number {
  const day = bytes.readInt32BE(at)
  if (day === 0x7fffffff || day === -0x80000000) throw new Error(infinite)
  return day + daysTo2000
}

function putInstant(values: Halves, row: number, bytes: Buffer, at: number) {
  const high = bytes.readInt32BE(at)
  const low = bytes.readUInt32BE(at + 4)
  if (high === 0x7fffffff || (high === -0x80000000 && low === 0)) throw new Error(infinite)
  const sum = low + addLow
  values.set(row, high + addHigh + (sum > 0xffffffff ? 1 : 0), sum | 0)
}
