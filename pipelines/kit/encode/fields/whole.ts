import { digit0, type Field, minus, putInt32, putInt64, unproven } from './field.ts'

/** A whole number of 1 to 16 digits, at most `limit` either way. */
export function wholeField(type: 'int4' | 'int8', limit: number): Field {
  const write = type === 'int4' ? writeInt4 : writeInt8
  return (src, start, end, out, at) => {
    const isNegative = src[start] === minus
    const first = isNegative ? start + 1 : start
    if (end === first || end - first > 16) return unproven
    let value = 0
    for (let from = first; from < end; from++) {
      const digit = src[from]! - digit0
      if (digit < 0 || digit > 9) return unproven
      value = value * 10 + digit
    }
    // Sixteen digits may be more than a double holds, but never so that they seem to be less.
    if (value > limit) return unproven
    return write(out, at, isNegative ? -value : value)
  }
}

/** Writes an int4 field. */
export function writeInt4(out: Uint8Array, at: number, value: number): number {
  return putInt32(out, putInt32(out, at, 4), value)
}

/** Writes an int8 field. */
export function writeInt8(out: Uint8Array, at: number, value: number): number {
  return putInt64(out, putInt32(out, at, 8), value)
}
