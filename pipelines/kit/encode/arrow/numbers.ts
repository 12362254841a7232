/** Whole numbers, exact decimals and flags of Arrow columns. */
import { type Data, DataType, type Decimal, type Int } from 'apache-arrow'
import { digit0, type Field, minus, point, unproven } from '../fields/field.ts'
import { writeBool } from '../fields/flag.ts'
import { writeInt4, writeInt8 } from '../fields/whole.ts'
import { type ColumnReader, Int64s, requireBytes } from './reader.ts'

/** Integers as numbers; NaN where a double cannot hold one. */
function integersOf(data: Data): { at: (row: number) => number; text: (row: number) => string } {
  const { bitWidth, isSigned } = data.type as Int
  if (bitWidth === 64) {
    const values = new Int64s(data.values as BigInt64Array, data.length, !isSigned)
    return { at: (row) => values.at(row), text: (row) => String(values.exactly(row)) }
  }
  const values = data.values as Int32Array
  requireBytes(values, (bitWidth / 8) * data.length)
  return { at: (row) => values[row]!, text: (row) => String(values[row]) }
}

/** An integer for a whole column. */
export function wholeReader(data: Data, type: 'int4' | 'int8', limit: number): ColumnReader {
  const integers = integersOf(data)
  const write = type === 'int4' ? writeInt4 : writeInt8
  return {
    write(row, out, at) {
      const value = integers.at(row)
      return value >= -limit && value <= limit ? write(out, at, value) : unproven
    },
    value(row) {
      const value = integers.at(row)
      return Number.isNaN(value) ? integers.text(row) : value
    },
  }
}

/** A column of numbers that goes through its decimal digits: what the field makes of text. */
export function digitsReader(data: Data, field: Field): ColumnReader {
  const digits = new Uint8Array(64)
  const text = DataType.isDecimal(data.type) ? decimalTexts(data) : integersOf(data).text
  const near = DataType.isDecimal(data.type) ? nearDecimals(data) : integersOf(data).at
  const scale = DataType.isDecimal(data.type) ? data.type.scale : 0
  const canBeNear = scale >= 0 && scale <= 15
  return {
    write(row, out, at) {
      const value = canBeNear ? near(row) : Number.NaN
      if (Number.isNaN(value)) {
        const bytes = Buffer.from(text(row))
        return field(bytes, 0, bytes.length, out, at)
      }
      const start = putDigits(digits, value, scale)
      return field(digits, start, digits.length, out, at)
    },
    value: text,
  }
}

/** Writes a number's digits so that they end where `to` ends; returns where they begin. */
function putDigits(to: Uint8Array, value: number, scale: number): number {
  let rest = Math.abs(value)
  let at = to.length
  for (let written = 0; rest > 0 || written <= scale; written++) {
    if (written === scale && scale > 0) to[--at] = point
    const next = Math.floor(rest / 10)
    to[--at] = digit0 + (rest - next * 10)
    rest = next
  }
  if (value < 0) to[--at] = minus
  return at
}

/** The unscaled values of a decimal column; NaN where a double cannot hold one. */
function nearDecimals(data: Data): (row: number) => number {
  const words = decimalWords(data)
  return (row) => {
    const low = words[4 * row]! >>> 0
    const second = words[4 * row + 1]!
    const sign = second >> 31
    const isNear = words[4 * row + 2] === sign && words[4 * row + 3] === sign
    const value = second * 4_294_967_296 + low
    return isNear && Number.isSafeInteger(value) ? value : Number.NaN
  }
}

function decimalWords(data: Data): Int32Array {
  const values = data.values as Uint32Array
  requireBytes(values, 16 * data.length)
  return new Int32Array(values.buffer, values.byteOffset, 4 * data.length)
}

/** More digits after the point than a contract allows are left out when they are zeros. */
const mostFraction = 16

function decimalTexts(data: Data): (row: number) => string {
  const words = decimalWords(data)
  const { scale } = data.type as Decimal
  return (row) => {
    let value = BigInt(words[4 * row + 3]!)
    for (let word = 2; word >= 0; word--)
      value = (value << 32n) | BigInt(words[4 * row + word]! >>> 0)
    if (scale <= 0) return String(value * 10n ** BigInt(-scale))
    const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
    const fraction = digits.slice(-scale)
    const kept = fraction.slice(0, mostFraction)
    const rest = fraction.slice(mostFraction)
    const shown = /[1-9]/.test(rest) ? fraction : kept
    return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${shown}`
  }
}

/** True and false, a bit each. */
export function flagReader(data: Data): ColumnReader {
  const bits = data.values as Uint8Array
  const { offset, length } = data
  requireBytes(bits, Math.ceil((offset + length) / 8))
  const bitAt = (row: number) => (bits[(offset + row) >> 3]! >> ((offset + row) & 7)) & 1
  return {
    write: (row, out, at) => writeBool(out, at, bitAt(row)),
    value: (row) => bitAt(row) === 1,
  }
}
