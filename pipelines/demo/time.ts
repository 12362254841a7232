/**
 * The demo's time: whole seconds since 1970 for instants, whole days since 1970 for dates.
 * Neither reads a clock: the demo ends at a fixed instant.
 */
import { dayOf, mondayOf, mondayOfWeek, weekday } from '#kit/days.ts'

export { dayOf, mondayOf, mondayOfWeek, weekday }

export const HOUR = 3600
export const DAY = 86_400

/** The second of an instant such as 2026-10-14T09:30:00Z. */
export const secondOf = (instant: string) => Date.parse(instant) / 1000

/** First business date of the demo: Monday of 2024-W50. */
export const FIRST_DAY = dayOf('2024-12-09')

/** Nothing is recorded after this instant: the moment the feeds were extracted. */
export const EXTRACTED_AT = secondOf('2027-02-04T00:00:00Z')

/** The calendar the demo's tables of days cover, with room for reference data before and after. */
export const CALENDAR_START = dayOf('2024-11-01')
export const CALENDAR_DAYS = dayOf('2027-05-01') - CALENDAR_START

const dateTexts = Array.from({ length: CALENDAR_DAYS }, (_, at) =>
  new Date((CALENDAR_START + at) * DAY * 1000).toISOString().slice(0, 10),
)
const clockTexts = Array.from({ length: DAY }, (_, second) =>
  [second / HOUR, (second / 60) % 60, second % 60]
    .map((part) => String(Math.floor(part)).padStart(2, '0'))
    .join(':'),
)

/** The date of a day: 2026-10-14. */
export function dateText(day: number): string {
  return dateTexts[day - CALENDAR_START] ?? new Date(day * DAY * 1000).toISOString().slice(0, 10)
}

/** The instant of a second: 2026-10-14T09:30:00Z. */
export function instantText(second: number): string {
  const day = Math.floor(second / DAY)
  return `${dateText(day)}T${clockTexts[second - day * DAY]}Z`
}

/** The month of a day: 2026-10. */
export const monthText = (day: number) => dateText(day).slice(0, 7)
