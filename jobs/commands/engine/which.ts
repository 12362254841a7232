import { checkKey } from '#kit/partitions/check-key.ts'
import { dimensionsOf, type PartitionedBy } from '#kit/partitions/dimension.ts'
import { keysInRange } from '#kit/partitions/keys.ts'

import { leadOf, type Unit } from '../../engine/graph.ts'
import type { Request } from '../../engine/request.ts'
import { UsageError } from '../../terminal/mistakes.ts'

/** Which partitions were typed: names, or a range. */
export interface Typed {
  partitions?: readonly string[]
  from?: string
  to?: string
}

/** What was typed, in the shape that plans are asked for. */
export interface Which {
  keysOf?: NonNullable<Request['keysOf']>
  /** What is not as one might think. */
  notes: readonly string[]
}

/** Reads which partitions of the units are meant. A range is of those that are expected. */
export function which(units: readonly Unit[], { partitions, from, to }: Typed): Which {
  if (partitions && (from ?? to))
    throw new UsageError('Partitions are named, or given as a range from and to: not both.')
  if (!partitions && !from && !to) return { notes: [] }

  const divided = units.filter(isDivided)
  if (divided.length === 0)
    throw new UsageError(
      `${units.map(({ name }) => name).join(', ')}: not partitioned, so there is no part to choose. ` +
        'Leave the partitions out to materialize the whole.',
    )
  const notes = wholeNotes(units.filter((unit) => !isDivided(unit)))
  if (partitions) {
    for (const unit of divided) for (const key of partitions) requireKey(unit, key)
    return { keysOf: () => partitions, notes }
  }
  const timed = divided.filter((unit) => dimensionsOf(partitionedByOf(unit)).time)
  if (timed.length === 0)
    throw new UsageError(
      `A range needs periods of time, and the partitions of ${divided[0]!.name} are values. ` +
        'Name those you mean with --partitions.',
    )
  for (const unit of timed) rangeOf(unit, [], { from, to })
  const timedNames = new Set(timed.map(({ name }) => name))
  const untimed = divided.filter(({ name }) => !timedNames.has(name))
  return {
    keysOf: (unit, expected) =>
      timedNames.has(unit.name) ? rangeOf(unit, expected, { from, to }) : expected,
    notes: [
      ...notes,
      ...untimed.map(({ name }) => `${name} is partitioned by values, not by time: all of them.`),
    ],
  }
}

function isDivided(unit: Unit): boolean {
  const { partitionedBy, kind } = leadOf(unit)
  return partitionedBy !== null && kind !== 'source'
}

function partitionedByOf(unit: Unit): PartitionedBy {
  return leadOf(unit).partitionedBy!
}

function wholeNotes(units: readonly Unit[]): string[] {
  if (units.length === 0) return []
  const names = units.map(({ name }) => name).join(', ')
  const isOne = units.length === 1
  return [`${names} ${isOne ? 'is' : 'are'} not partitioned and ${isOne ? 'runs' : 'run'} whole.`]
}

function requireKey(unit: Unit, key: string): void {
  const by = partitionedByOf(unit)
  try {
    checkKey(unit.name, by, key)
  } catch (error) {
    const range = isRange(by, key) ? ` All in it: --from ${key} --to ${key}` : ''
    throw new UsageError(`${(error as Error).message}${range}`, { cause: error })
  }
}

/** Whether something that names no partition names a period all the same. */
function isRange(by: PartitionedBy, key: string): boolean {
  try {
    return keysInRange(by, key, key).length > 0
  } catch {
    return false
  }
}

/**
 * The expected partitions in a range; one of its ends may be left out. Where nothing says which are
 * expected, the range does.
 */
function rangeOf(
  unit: Unit,
  expected: readonly string[],
  { from, to }: { from: string | undefined; to: string | undefined },
): readonly string[] {
  const by = partitionedByOf(unit)
  if (from && to) {
    const keys = usage(() => keysInRange(by, from, to))
    if (expected.length === 0) return keys
    const isExpected = new Set(expected)
    return keys.filter((key) => isExpected.has(key))
  }
  // One end alone: the periods that the day, week or month at it is in.
  const end = (from ?? to)!
  const at = usage(() => keysInRange(by, end, end))
  const { fixed } = dimensionsOf(by)
  const timeOf = (key: string) => (fixed ? key.slice(key.lastIndexOf('/') + 1) : key)
  const times = at.map(timeOf).sort()
  const isIn = from
    ? (key: string) => timeOf(key) >= times[0]!
    : (key: string) => timeOf(key) <= times.at(-1)!
  return expected.filter(isIn)
}

/** What is wrong with a key or a range was typed so. */
function usage<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}
