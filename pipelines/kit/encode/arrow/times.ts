/** Instants, days and times of day of Arrow columns. */
import { type Data, DataType, type Time, TimeUnit, type Timestamp } from 'apache-arrow'
import { unproven } from '../fields/field.ts'
import { writeInt4, writeInt8 } from '../fields/whole.ts'
import { type ColumnReader, Int64s, requireBytes } from './reader.ts'

/** Units in a second, by Arrow's name for the unit. */
const perSecond: Record<TimeUnit, number> = {
  [TimeUnit.SECOND]: 1,
  [TimeUnit.MILLISECOND]: 1e3,
  [TimeUnit.MICROSECOND]: 1e6,
  [TimeUnit.NANOSECOND]: 1e9,
}

/** Postgres counts from 2000, Arrow from 1970. */
const micros2000 = 946_684_800_000_000
const days2000 = 10_957
/** The first and the last day of the years 1 to 9999, from 1970 on. */
const [firstDay, lastDay] = [-719_162, 2_932_896]

/** An instant whose column says that it is one by naming a zone; it counts from 1970 in UTC. */
export function instantReader(data: Data): ColumnReader {
  const units = perSecond[(data.type as Timestamp).unit]
  const values = new Int64s(data.values as BigInt64Array, data.length)
  // A part of a microsecond is rounded the slow way.
  const micros =
    units === 1e9
      ? (row: number) => values.thousandth(row)
      : (row: number) => values.at(row) * (1e6 / units)
  return {
    write(row, out, at) {
      const value = micros(row) - micros2000
      return Number.isSafeInteger(value) ? writeInt8(out, at, value) : unproven
    },
    value: (row) => instantText(values.exactly(row), BigInt(units)),
  }
}

function instantText(value: bigint, units: bigint): string {
  const fraction = ((value % units) + units) % units
  const seconds = Number((value - fraction) / units)
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) return `${value} from 1970`
  const digits = units === 1n ? '' : `.${String(fraction).padStart(String(units).length - 1, '0')}`
  return `${date.toISOString().slice(0, -5)}${digits}Z`
}

/** A day: a count of days, or of the milliseconds of whole days. */
export function dayReader(data: Data): ColumnReader {
  const isDays = DataType.isDate(data.type) && data.values instanceof Int32Array
  const days = isDays ? daysOf(data) : wholeDaysOf(data)
  return {
    write(row, out, at) {
      const day = days(row)
      const isKnown = Number.isInteger(day) && day >= firstDay && day <= lastDay
      return isKnown ? writeInt4(out, at, day - days2000) : unproven
    },
    value(row) {
      const date = new Date(days(row) * 86_400_000)
      const isDay = Number.isInteger(days(row)) && !Number.isNaN(date.getTime())
      return isDay
        ? date.toISOString().replace('T00:00:00.000Z', '')
        : `${days(row)} days from 1970`
    },
  }
}

function daysOf(data: Data): (row: number) => number {
  const values = data.values as Int32Array
  requireBytes(values, 4 * data.length)
  return (row) => values[row]!
}

function wholeDaysOf(data: Data): (row: number) => number {
  const values = new Int64s(data.values as BigInt64Array, data.length)
  return (row) => values.at(row) / 86_400_000
}

/** A time of day in whole seconds. */
export function timeReader(data: Data): ColumnReader {
  const { unit, bitWidth } = data.type as Time
  const units = perSecond[unit]
  const values = bitWidth === 64 ? new Int64s(data.values as BigInt64Array, data.length) : null
  const near = data.values as Int32Array
  requireBytes(near, (bitWidth / 8) * data.length)
  const seconds = (row: number) => (values ? values.at(row) : near[row]!) / units
  return {
    write(row, out, at) {
      const time = seconds(row)
      const isTime = Number.isInteger(time) && time >= 0 && time < 86_400
      return isTime ? writeInt8(out, at, time * 1_000_000) : unproven
    },
    value(row) {
      const time = seconds(row)
      if (!(time >= 0 && time < 86_400)) return `${time} seconds`
      const text = new Date(Math.floor(time) * 1000).toISOString().slice(11, 19)
      return Number.isInteger(time) ? text : `${text}${String(time % 1).slice(1)}`
    },
  }
}
