import { dateOf, dayOf, firstOfMonth, mondayOfWeek, monthOf, two, weekOf } from '../days.ts'

import type { TimeDimension } from './dimension.ts'

/** A unit of time: its periods are numbered, so that neighbours differ by one. */
export interface Unit {
  /** The period that holds a day. */
  holding: (day: number) => number
  /** The day on which a period begins. */
  firstDay: (period: number) => number
  keyOf: (period: number) => string
  /** How a key is written, and the period that it would name. */
  pattern: RegExp
  example: string
  read: (key: string) => number
}

/** The units, from the shortest. A year has four digits: 1000 to 9999. */
export const units: Record<TimeDimension['unit'], Unit> = {
  day: {
    holding: (day) => day,
    firstDay: (period) => period,
    keyOf: dateOf,
    pattern: /^[1-9]\d{3}-\d\d-\d\d$/,
    example: '2026-11-28',
    read: dayOf,
  },
  week: {
    // 1970 began on a Thursday.
    holding: (day) => Math.floor((day + 3) / 7),
    firstDay: (period) => 7 * period - 3,
    keyOf(period) {
      const { year, week } = weekOf(7 * period - 3)
      return `${year}-W${two[week]}`
    },
    pattern: /^[1-9]\d{3}-W\d\d$/,
    example: '2026-W48',
    read: (key) => (mondayOfWeek(Number(key.slice(0, 4)), Number(key.slice(6))) + 3) / 7,
  },
  month: {
    holding: monthOf,
    firstDay: firstOfMonth,
    keyOf: (period) => dateOf(firstOfMonth(period)).slice(0, 7),
    pattern: /^[1-9]\d{3}-\d\d$/,
    example: '2026-11',
    read: (key) => (Number(key.slice(0, 4)) - 1970) * 12 + Number(key.slice(5)) - 1,
  },
}

/** The period of a key; undefined if there is none, as of 2026-02-30 or 2021-W53. */
export function periodOf(unit: Unit, key: string): number | undefined {
  if (!unit.pattern.test(key)) return undefined
  const period = unit.read(key)
  return Number.isFinite(period) && unit.keyOf(period) === key ? period : undefined
}

/** Days that somebody named as a day, a week or a month: from the first, to the last included. */
export interface NamedDays {
  unit: TimeDimension['unit']
  first: number
  last: number
}

/** The days of a period of any unit; undefined if it is none. */
export function namedDays(text: string): NamedDays | undefined {
  for (const unit of ['day', 'week', 'month'] as const) {
    const period = periodOf(units[unit], text)
    if (period === undefined) continue
    const { firstDay } = units[unit]
    return { unit, first: firstDay(period), last: firstDay(period + 1) - 1 }
  }
  return undefined
}
