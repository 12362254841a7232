/** The names of partitions: '2026-11-28', 'DE', or both, 'DE/2026-11-28'. */
import { listed, shown } from '../words.ts'
import { dimensionsOf, type PartitionedBy, type TimeDimension } from './dimension.ts'
import { keysFrom, numberAt } from './periods.ts'
import { namedDays, units } from './units.ts'

/** The part of a key that names its period; null without a time dimension. */
export function timeKeyOf(partitionedBy: PartitionedBy, key: string): string | null {
  const { fixed, time } = dimensionsOf(partitionedBy)
  if (!time) return null
  return fixed ? key.slice(key.lastIndexOf('/') + 1) : key
}

/** The part of a key that is its fixed value; null without a fixed dimension. */
export function valueOf(partitionedBy: PartitionedBy, key: string): string | null {
  const { fixed, time } = dimensionsOf(partitionedBy)
  if (!fixed) return null
  return time ? key.slice(0, Math.max(0, key.lastIndexOf('/'))) : key
}

/** The keys of every value in every period, the values first; null stands for no such dimension. */
export function joined(
  values: readonly string[] | null,
  times: readonly string[] | null,
): string[] {
  if (!values) return [...(times ?? [])]
  if (!times) return [...values]
  return values.flatMap((value) => times.map((time) => `${value}/${time}`))
}

/**
 * The partitions there should be, in order: with a beginning, those from there to the last that has
 * ended by now; without, the periods given, for which there is something to read.
 */
export function expectedKeys(
  partitionedBy: PartitionedBy,
  { now, observed = [] }: { now: Date; observed?: Iterable<string> },
): string[] {
  const { fixed, time } = dimensionsOf(partitionedBy)
  return joined(fixed && fixed.values, time && expectedPeriods(time, now, observed))
}

function expectedPeriods(time: TimeDimension, now: Date, observed: Iterable<string>): string[] {
  // Names of one unit sort as their periods follow each other.
  if (time.from === null) return [...new Set(observed)].sort()
  const first = units[time.unit].holding(daysNamed(time.from).first)
  return keysFrom(time, first, numberAt(time, Math.floor(now.getTime() / 1000)) - 1)
}

/**
 * The partitions that overlap a range somebody typed, its ends included: days, weeks or months,
 * whatever the table's own unit.
 */
export function keysInRange(partitionedBy: PartitionedBy, from: string, to: string): string[] {
  const { fixed, time } = dimensionsOf(partitionedBy)
  if (!time)
    throw new Error(
      `A range from ${from} to ${to} needs periods of time, and these partitions are values: ` +
        `${listed(fixed?.values ?? [])}. Name those you mean.`,
    )
  const [{ first }, { last }] = [daysNamed(from), daysNamed(to)]
  if (first > last)
    throw new Error(`The range from ${from} to ${to} ends before it begins. Turn the two around.`)
  const { holding } = units[time.unit]
  return joined(fixed && fixed.values, keysFrom(time, holding(first), holding(last)))
}

function daysNamed(text: string) {
  const days = namedDays(text)
  if (!days)
    throw new Error(
      `${shown(text)} is not a day, week or month, such as ${units.day.example}, ` +
        `${units.week.example} or ${units.month.example}.`,
    )
  return days
}
