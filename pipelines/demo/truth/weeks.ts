import { marketplaces } from '../marketplaces.ts'
import { CALENDAR_START, DAY, EXTRACTED_AT, FIRST_DAY, mondayOf, mondayOfWeek } from '../time.ts'

/** The last business day that had ended everywhere when the feeds were extracted. */
export const AS_OF = Math.min(...marketplaces.map(({ zone }) => zone.dayOf(EXTRACTED_AT))) - 1

/** Monday of the last week that had ended everywhere two days before the feeds were extracted. */
export const LAST_COMPLETE_WEEK = lastCompleteWeek()

/** The Mondays that values are given for: the last twelve complete weeks and three that tell a story. */
export const WEEKS: readonly number[] = [
  ...Array.from({ length: 12 }, (_, back) => LAST_COMPLETE_WEEK - 7 * back),
  mondayOfWeek(2025, 40),
  mondayOfWeek(2026, 1),
  mondayOfWeek(2026, 14),
].toSorted((a, b) => a - b)

/** The days on which open items are counted: the weeks' Sundays, and the as-of date last. */
export const SNAPSHOT_DAYS: readonly number[] = [...WEEKS.map((monday) => monday + 6), AS_OF]

function lastCompleteWeek(): number {
  const hasEnded = (monday: number) =>
    marketplaces.every(({ zone }) => zone.startOf(monday + 7) + 2 * DAY <= EXTRACTED_AT)
  let monday = mondayOf(Math.floor(EXTRACTED_AT / DAY))
  while (!hasEnded(monday) && monday > CALENDAR_START && monday > FIRST_DAY) monday -= 7
  return monday
}
