import { daysAt, minutesAt, secondsAt } from './calendar.ts'
import { digit0, type Field, minus, point, unproven } from './field.ts'
import { writeInt8 } from './whole.ts'

const plus = 0x2b
const letterT = 0x54
const letterZ = 0x5a
/** Within these seconds of 2000-01-01 (some 285 years) the microseconds are a safe integer. */
const nearSeconds = 9_000_000_000
const longestOffset = 15 * 3600 + 59 * 60

/**
 * An instant such as 2026-10-14T09:30:00.123456+02:00, as microseconds since 2000-01-01. What
 * Postgres would round, a seventh digit, is left to the slow way, and so are the far centuries.
 */
export const instantField: Field = (src, start, end, out, at) => {
  if (end - start < 20 || src[start + 10] !== letterT) return unproven
  const local = daysAt(src, start) * 86_400 + secondsAt(src, start + 11)

  let next = start + 19
  let micros = 0
  if (src[next] === point) {
    let unit = 1_000_000
    for (next++; next < end - 1; next++) {
      const digit = src[next]! - digit0
      if (digit < 0 || digit > 9) break
      unit /= 10
      micros += digit * unit
    }
    if (unit < 1 || unit === 1_000_000) return unproven
  }

  const seconds = local - offsetAt(src, next, end)
  if (!(Math.abs(seconds) < nearSeconds)) return unproven
  return writeInt8(out, at, seconds * 1_000_000 + micros)
}

/** The seconds of an offset that fills src[at, end), or NaN: Z, +02:00, -05:30. */
export function offsetAt(src: Uint8Array, at: number, end: number): number {
  const sign = src[at]
  if (end - at === 1) return sign === letterZ ? 0 : Number.NaN
  if (end - at !== 6 || (sign !== plus && sign !== minus)) return Number.NaN
  const seconds = minutesAt(src, at + 1)
  if (!(seconds <= longestOffset)) return Number.NaN
  return sign === plus ? seconds : -seconds
}
