import { UsageError } from '../terminal/mistakes.ts'

/** A calendar day as text, 2026-10-04. Days here have no zone: they are business dates. */
export type Day = string

/** Days from `from` to `to`, both included. */
export interface Period {
  from: Day
  to: Day
}

const dayLength = 86_400_000

export function addDays(day: Day, days: number): Day {
  return textOf(instantOf(day) + days * dayLength)
}

/** The ISO week a day is in, such as 2026-W53. */
export function weekOf(day: Day): string {
  const thursday = addDays(mondayOf(day), 3)
  const year = thursday.slice(0, 4)
  const days = (instantOf(thursday) - instantOf(`${year}-01-01`)) / dayLength
  return `${year}-W${String(Math.floor(days / 7) + 1).padStart(2, '0')}`
}

export function mondayOf(day: Day): Day {
  const weekday = (new Date(instantOf(day)).getUTCDay() + 6) % 7
  return addDays(day, -weekday)
}

export function weekFrom(monday: Day): Period {
  return { from: monday, to: addDays(monday, 6) }
}

/** The last Sunday that is not after the day: week ends are when snapshots are taken. */
export function sundayBefore(day: Day): Day {
  const sunday = addDays(mondayOf(day), 6)
  return sunday > day ? addDays(sunday, -7) : sunday
}

/** Reads an ISO week as typed. */
export function readWeek(typed: string): Period {
  const [, year, number] = /^(\d{4})-?W(\d{2})$/i.exec(typed) ?? []
  if (!year || !number)
    throw new UsageError(`--week ${typed} is not a week; write it like 2026-W40 (ISO 8601).`)
  const monday = addDays(mondayOf(`${year}-01-04`), (Number(number) - 1) * 7)
  if (weekOf(monday) !== `${year}-W${number}`)
    throw new UsageError(
      `--week ${typed} does not exist: ${year} has the weeks ${year}-W01 to ${weekOf(`${year}-12-28`)}.`,
    )
  return weekFrom(monday)
}

/** Reads a day as typed after an option. */
export function readDay(typed: string, option: string): Day {
  if (/^\d{4}-\d{2}-\d{2}$/.test(typed)) {
    const instant = instantOf(typed)
    if (!Number.isNaN(instant) && textOf(instant) === typed) return typed
  }
  throw new UsageError(`${option} ${typed} is not a day; write it like 2026-10-04.`)
}

function instantOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`)
}

function textOf(instant: number): Day {
  return new Date(instant).toISOString().slice(0, 10)
}
