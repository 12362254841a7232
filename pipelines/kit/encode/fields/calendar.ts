/** Days, months and times of day. Postgres counts its days from 2000-01-01. */
import { colon, type Field, minus, twoDigits, unproven } from './field.ts'
import { writeBytes } from './text.ts'
import { writeInt4, writeInt8 } from './whole.ts'

const daysInMonth = new Uint8Array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])

/** The days from 2000-01-01 to the day that stands in the ten bytes at `at`, or NaN. Year 0 is none. */
export function daysAt(src: Uint8Array, at: number): number {
  const year = twoDigits(src, at) * 100 + twoDigits(src, at + 2)
  const month = twoDigits(src, at + 5)
  const day = twoDigits(src, at + 8)
  const isWritten = src[at + 4] === minus && src[at + 7] === minus
  if (!isWritten || !(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return Number.NaN
  if (day > (month === 2 && isLeap(year) ? 29 : daysInMonth[month]!)) return Number.NaN
  return daysFrom2000(year, month, day)
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** In years that begin with March, so that the leap day is the last of its year. */
function daysFrom2000(year: number, month: number, day: number): number {
  const isBeforeMarch = month < 3
  const years = isBeforeMarch ? year - 1 : year
  const months = isBeforeMarch ? month + 9 : month - 3
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  return years * 365 + leapDays + Math.floor((153 * months + 2) / 5) + day - 730_426
}

/** A day such as 2026-10-14. */
export const dayField: Field = (src, start, end, out, at) => {
  const days = end - start === 10 ? daysAt(src, start) : Number.NaN
  return days === days ? writeInt4(out, at, days) : unproven
}

/** A month such as 2026-09, kept as text. */
export const monthField: Field = (src, start, end, out, at) => {
  if (end - start !== 7 || src[start + 4] !== minus) return unproven
  const month = twoDigits(src, start + 5)
  const year = twoDigits(src, start) + twoDigits(src, start + 2)
  if (!(year >= 0 && month >= 1 && month <= 12)) return unproven
  return writeBytes(out, at, src, start, end)
}

/** The seconds of HH:MM at `at`, or NaN. */
export function minutesAt(src: Uint8Array, at: number): number {
  const hours = twoDigits(src, at)
  const minutes = twoDigits(src, at + 3)
  return src[at + 2] === colon && hours < 24 && minutes < 60
    ? hours * 3600 + minutes * 60
    : Number.NaN
}

/** The seconds of HH:MM:SS at `at`, or NaN. */
export function secondsAt(src: Uint8Array, at: number): number {
  const seconds = twoDigits(src, at + 6)
  return src[at + 5] === colon && seconds < 60 ? minutesAt(src, at) + seconds : Number.NaN
}

/** A time of day such as 17:30 or 17:30:59. */
export const timeField: Field = (src, start, end, out, at) => {
  const length = end - start
  const seconds =
    length === 5 ? minutesAt(src, start) : length === 8 ? secondsAt(src, start) : Number.NaN
  return seconds === seconds ? writeInt8(out, at, seconds * 1_000_000) : unproven
}
