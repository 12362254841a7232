/** Which partitions of what a table reads go into one of its own. */
import type { Readable } from '../asset.ts'
import { dimensionsOf, type PartitionedBy, type TimeDimension } from './dimension.ts'
import { joined, timeKeyOf, valueOf } from './keys.ts'
import { keysFrom, numberAt, numberOf, startOf } from './periods.ts'
import { units } from './units.ts'

/**
 * `overlap` is the default: the partitions that share time with it, and the same value: the same day,
 * or a week's seven days. `window`: those, shifted by so many of the upstream's periods at both ends.
 * `last`: the newest that began before it ended: of months, a day reads the one it is in, though that
 * goes on. `all`: every one.
 */
export type Mapping =
  | { kind: 'overlap' }
  | { kind: 'window'; before: number; after: number }
  | { kind: 'last' }
  | { kind: 'all' }

/**
 * The neighbours too: `window(1, 1)` of days reads the day before and the day after; `window(1, -1)`
 * the day before alone.
 */
export function window(before: number, after: number): Mapping {
  if (!Number.isInteger(before) || !Number.isInteger(after) || before + after < 0)
    throw new Error(
      `window(${before}, ${after}) is not a window: it takes whole numbers of periods and ends no sooner ` +
        'than it begins, such as window(1, 0), or window(1, -1) for the one before alone.',
    )
  return { kind: 'window', before, after }
}
export const latest: Mapping = { kind: 'last' }
export const all: Mapping = { kind: 'all' }

/** Reads a table's partitions by a mapping of one's own: `mapped(rawOrders, window(1, 0))`. */
export function mapped<R extends Readable>(read: R, mapping: Mapping): R & { mapping: Mapping } {
  return { ...read, mapping }
}

/** The first and the last of some periods. */
interface Ends {
  first: string
  last: string
}

/**
 * The partitions of what is read that go into one partition, in order; 'all' if that does not depend
 * on it. Between time zones or units they are those whose instants it shares. A fixed value reads the
 * same value, and one that the other table does not have reads nothing; if only one of the two tables
 * has values, every one of them is read.
 */
export function upstreamKeys(
  mapping: Mapping,
  down: PartitionedBy | null,
  up: PartitionedBy,
  key: string,
): string[] | 'all' {
  if (!down || mapping.kind === 'all') return 'all'
  const [own, theirs] = [dimensionsOf(down), dimensionsOf(up)]
  const values = theirs.fixed && valuesRead(theirs.fixed.values, own.fixed && valueOf(down, key))
  if (!theirs.time) return values ?? 'all'
  // A value has no time of its own: it reads the whole history.
  if (!own.time) return 'all'
  const times = timesRead(mapping, own.time, theirs.time, numberOf(own.time, timeKeyOf(down, key)!))
  return joined(values, times)
}

/** Of the values read: the same one, or every one if the reader has none. */
function valuesRead(values: readonly string[], own: string | null): string[] {
  return own === null ? [...values] : values.filter((value) => value === own)
}

function timesRead(
  mapping: Mapping,
  own: TimeDimension,
  theirs: TimeDimension,
  period: number,
): string[] {
  const { before, after } = reachOf(mapping)
  const newest = holding(theirs, own, period, 'last')
  const oldest = mapping.kind === 'last' ? newest : holding(theirs, own, period, 'first')
  return keysFrom(theirs, oldest - before, newest + after)
}

const reachOf = (mapping: Mapping) =>
  mapping.kind === 'window' ? mapping : { before: 0, after: 0 }

/** The period of one dimension that holds the first, or the last, instant of a period of another. */
function holding(
  dimension: TimeDimension,
  other: TimeDimension,
  period: number,
  end: 'first' | 'last',
): number {
  const [boundary, back] = end === 'first' ? [period, 0] : [period + 1, 1]
  if (dimension.zone !== other.zone) return numberAt(dimension, startOf(other, boundary) - back)
  // In one zone days tell the same without a clock, also a day that the zone skipped.
  return units[dimension.unit].holding(units[other.unit].firstDay(boundary) - back)
}

/**
 * The first and the last period that read any of those observed: what to expect of a table once what
 * it reads has those. Of `all` and `last`: the periods that share time with them.
 */
export function downstreamSpan(
  mapping: Mapping,
  down: TimeDimension,
  up: TimeDimension,
  observed: Ends,
): Ends {
  const { before, after } = reachOf(mapping)
  const { keyOf } = units[down.unit]
  return {
    first: keyOf(holding(down, up, numberOf(up, observed.first) - after, 'first')),
    last: keyOf(holding(down, up, numberOf(up, observed.last) + before, 'last')),
  }
}
