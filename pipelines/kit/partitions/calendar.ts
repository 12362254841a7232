/** Periods of a time dimension by their keys. */
import type { TimeDimension } from './dimension.ts'
import { daysFrom, instantsFrom, keysFrom, numberAt, numberOf } from './periods.ts'
import type { Span } from './slice.ts'
import { units } from './units.ts'

/** The days of a period. */
export function daysOf(dimension: TimeDimension, key: string): Span {
  const period = numberOf(dimension, key)
  return daysFrom(dimension, period, period)
}

/** The instants of a period: a day in Berlin lasts 23, 24 or 25 hours, a day that is skipped none. */
export function instantsOf(dimension: TimeDimension, key: string): Span {
  const period = numberOf(dimension, key)
  return instantsFrom(dimension, period, period)
}

/** The period that holds an instant. */
export function keyAt(dimension: TimeDimension, instant: Date): string {
  return units[dimension.unit].keyOf(numberAt(dimension, Math.floor(instant.getTime() / 1000)))
}

/** The period so many later; earlier when negative. */
export function neighbour(dimension: TimeDimension, key: string, by: number): string {
  return units[dimension.unit].keyOf(numberOf(dimension, key) + by)
}

/** All periods from one to another, both included. */
export function keysBetween(dimension: TimeDimension, first: string, last: string): string[] {
  return keysFrom(dimension, numberOf(dimension, first), numberOf(dimension, last))
}
