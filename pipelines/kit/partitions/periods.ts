/** Periods of a time dimension by their numbers: neighbours differ by one. */
import { dateOf, two } from '../days.ts'
import { shown } from '../words.ts'
import { zoneNamed } from '../zone.ts'

import type { TimeDimension } from './dimension.ts'
import type { Span } from './slice.ts'
import { periodOf, units, within } from './units.ts'

/** The period of a key. */
export function numberOf({ unit }: TimeDimension, key: string): number {
  const period = periodOf(units[unit], key)
  if (period === undefined)
    throw new Error(`${shown(key)} is not a ${unit}, such as ${units[unit].example}.`)
  return period
}

/** The period that holds a second. */
export const numberAt = ({ unit, zone }: TimeDimension, second: number) =>
  within(units[unit], units[unit].holding(zoneNamed(zone).dayOf(second)))

/** The second at which a period begins. */
export const startOf = ({ unit, zone }: TimeDimension, period: number) =>
  zoneNamed(zone).startOf(units[unit].firstDay(period))

/** The days from one period up to the end of another. */
export function daysFrom({ unit }: TimeDimension, first: number, last: number): Span {
  const { firstDay } = units[unit]
  return spanOf(unit, first, last, (period) => dateOf(firstDay(period)))
}

/** The instants from the beginning of one period up to the end of another. */
export function instantsFrom(dimension: TimeDimension, first: number, last: number): Span {
  return spanOf(dimension.unit, first, last, (period) => instantText(startOf(dimension, period)))
}

/** Open at the ends of the calendar: the first and the last period hold what lies beyond them. */
function spanOf(
  unit: TimeDimension['unit'],
  first: number,
  last: number,
  beginOf: (period: number) => string,
): Span {
  const hasName = (period: number) => within(units[unit], period) === period
  return {
    from: hasName(first - 1) ? beginOf(first) : '-infinity',
    to: hasName(last + 1) ? beginOf(last + 1) : 'infinity',
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
export function keysFrom({ unit }: TimeDimension, from: number, to: number): string[] {
  if (from > to) return []
  const { keyOf } = units[unit]
  const [first, last] = [within(units[unit], from), within(units[unit], to)]
  const count = last - first + 1
  if (count > mostPeriods)
    throw new Error(
      `From ${keyOf(first)} to ${keyOf(last)} there are ${count.toLocaleString('en')} ${unit}s; at most ` +
        `${mostPeriods.toLocaleString('en')} are allowed. One of the two is probably a wrong date.`,
    )
  return Array.from({ length: count }, (_, at) => keyOf(first + at))
}
