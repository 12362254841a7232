/** Periods of a time dimension by their numbers: neighbours differ by one. */
import { dateOf, two } from '../days.ts'
import { shown } from '../words.ts'
import { zoneNamed } from '../zone.ts'

import type { TimeDimension } from './dimension.ts'
import type { Span } from './slice.ts'
import { periodOf, units } from './units.ts'

/** The period of a key. */
export function numberOf({ unit }: TimeDimension, key: string): number {
  const period = periodOf(units[unit], key)
  if (period === undefined)
    throw new Error(`${shown(key)} is not a ${unit}, such as ${units[unit].example}.`)
  return period
}

/** The period that holds a second. */
export const numberAt = ({ unit, zone }: TimeDimension, second: number) =>
  units[unit].holding(zoneNamed(zone).dayOf(second))

/** The second at which a period begins. */
export const startOf = ({ unit, zone }: TimeDimension, period: number) =>
  zoneNamed(zone).startOf(units[unit].firstDay(period))

/** The days from one period up to the end of another. */
export function daysFrom({ unit }: TimeDimension, first: number, last: number): Span {
  const { firstDay } = units[unit]
  return { from: dateOf(firstDay(first)), to: dateOf(firstDay(last + 1)) }
}

/** The instants from the beginning of one period up to the end of another. */
export function instantsFrom(dimension: TimeDimension, first: number, last: number): Span {
  return {
    from: instantText(startOf(dimension, first)),
    to: instantText(startOf(dimension, last + 1)),
  }
}

function instantText(second: number): string {
  const day = Math.floor(second / 86_400)
  const clock = second - day * 86_400
  const [hours, minutes] = [Math.floor(clock / 3600), Math.floor((clock % 3600) / 60)]
  return `${dateOf(day)}T${two[hours]}:${two[minutes]}:${two[clock % 60]}Z`
}

/** More than two centuries of days: a wrong date is more likely than such a table. */
const mostPeriods = 100_000

/** The keys from one period to another, both included; none if the first is the later one. */
export function keysFrom({ unit }: TimeDimension, first: number, last: number): string[] {
  const { keyOf } = units[unit]
  const count = Math.max(0, last - first + 1)
  if (count > mostPeriods)
    throw new Error(
      `From ${keyOf(first)} to ${keyOf(last)} there are ${count.toLocaleString('en')} ${unit}s; at most ` +
        `${mostPeriods.toLocaleString('en')} are allowed. One of the two is probably a wrong date.`,
    )
  return Array.from({ length: count }, (_, at) => keyOf(first + at))
}
