/** The slow way to a field: from a value that zod gave out, by the Postgres type of its column. */
import { daysAt, dayField, secondsAt, timeField } from './calendar.ts'
import { decimalField } from './decimal.ts'
import { putInt32, putNull, unproven } from './field.ts'
import { writeBool } from './flag.ts'
import { instantField, offsetAt } from './instant.ts'
import { writeInt4, writeInt8 } from './whole.ts'

/** A value as a contract gives it out. */
export type Value = string | number | boolean | null

/** Writes a value as a field of its Postgres type; -1 where Postgres has no such value. */
export type ValueField = (value: Value, out: Buffer, at: number) => number

/** The bytes that the fields of these values take at most. */
export function bytesFor(values: readonly Value[]): number {
  let bytes = 0
  for (const value of values) bytes += 36 + (typeof value === 'string' ? 3 * value.length : 0)
  return bytes
}

/** How values of a Postgres type are written. */
export function valueFieldOf(type: string): ValueField {
  const write = writers[type]
  if (!write)
    throw new Error(
      `Values of the Postgres type ${type} cannot be loaded; the types are ${Object.keys(writers).join(', ')}.`,
    )
  return (value, out, at) => (value === null ? putNull(out, at) : write(value, out, at))
}

type Writer = (value: string | number | boolean, out: Buffer, at: number) => number

const days = written(dayField)
const times = written(timeField)
const decimals = written(decimalField(1000, 1000))
const instants = written(instantField)

const writers: Record<string, Writer> = {
  text: (value, out, at) => {
    if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed()) return unproven
    const length = out.write(value, at + 4)
    return putInt32(out, at, length) + length
  },
  int4: (value, out, at) => {
    const isInt4 = typeof value === 'number' && (value | 0) === value
    return isInt4 ? writeInt4(out, at, value) : unproven
  },
  int8: (value, out, at) => {
    const isInt8 = typeof value === 'number' && Number.isSafeInteger(value)
    return isInt8 ? writeInt8(out, at, value) : unproven
  },
  bool: (value, out, at) =>
    typeof value === 'boolean' ? writeBool(out, at, Number(value)) : unproven,
  numeric: decimals,
  date: days,
  time: times,
  timestamptz: (value, out, at) => {
    const next = instants(value, out, at)
    return next === unproven ? farInstant(String(value), out, at) : next
  },
}

/** Longer than any text that is a day, an instant or a number. */
const scratch = Buffer.alloc(4096)

/** A field of bytes, for a value that is a text. */
function written(field: typeof dayField): Writer {
  return (value, out, at) => {
    if (typeof value !== 'string' || value === '' || value.length > scratch.length) return unproven
    return field(scratch, 0, scratch.write(value), out, at)
  }
}

/** An instant of any century, its fraction rounded to microseconds as Postgres does: half to even. */
function farInstant(text: string, out: Uint8Array, at: number): number {
  const bytes = Buffer.from(text)
  const fraction = /^\.\d+/.exec(text.slice(19))?.[0] ?? ''
  const local = daysAt(bytes, 0) * 86_400 + secondsAt(bytes, 11)
  const seconds = local - offsetAt(bytes, 19 + fraction.length, bytes.length)
  if (Number.isNaN(seconds)) return unproven
  const micros = BigInt(seconds) * 1_000_000n + BigInt(roundedToEven(Number(`0${fraction}`) * 1e6))
  const next = putInt32(out, putInt32(out, at, 8), Number(micros >> 32n))
  return putInt32(out, next, Number(micros & 0xffff_ffffn))
}

function roundedToEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}
