/** Dates as whole days counted from 1970-01-01, from the year 1000 on, which need no time zone. */

const MILLISECONDS = 86_400_000

/** The day of a date such as 2026-10-14. */
export const dayOf = (date: string) => Date.parse(`${date}T00:00:00Z`) / MILLISECONDS

/** The date of a day: 2026-10-14. Put together by hand, as toISOString takes five times as long. */
export function dateOf(day: number): string {
  const date = new Date(day * MILLISECONDS)
  return `${date.getUTCFullYear()}-${two[date.getUTCMonth() + 1]}-${two[date.getUTCDate()]}`
}

/** Numbers below 60 with two digits. */
export const two: readonly string[] = Array.from({ length: 60 }, (_, n) => `${n}`.padStart(2, '0'))

/** The day a month begins; months are counted from January 1970. */
export const firstOfMonth = (month: number) => Date.UTC(1970, month) / MILLISECONDS

/** The month a day is in, counted from January 1970. */
export function monthOf(day: number): number {
  const date = new Date(day * MILLISECONDS)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

/** 0 on Monday, 6 on Sunday. */
export const weekday = (day: number) => (((day + 3) % 7) + 7) % 7

/** The Monday of the day's ISO week. */
export const mondayOf = (day: number) => day - weekday(day)

/** The Monday of an ISO week: week 1 holds 4 January. */
export const mondayOfWeek = (year: number, week: number) =>
  mondayOf(firstOfMonth((year - 1970) * 12) + 3) + 7 * (week - 1)

/** The year and the number of the ISO week that begins on a Monday: those of its Thursday. */
export function weekOf(monday: number): { year: number; week: number } {
  const thursday = monday + 3
  const year = new Date(thursday * MILLISECONDS).getUTCFullYear()
  return { year, week: Math.floor((thursday - firstOfMonth((year - 1970) * 12)) / 7) + 1 }
}
