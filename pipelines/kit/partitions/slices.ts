import { listed, shown } from '../words.ts'
import { dimensionsOf, type PartitionedBy } from './dimension.ts'
import { timeKeyOf, valueOf } from './keys.ts'
import { daysFrom, instantsFrom, numberOf } from './periods.ts'
import type { Slice } from './slice.ts'

/**
 * Partitions as slices that are materialized at once: those of the same value whose periods follow
 * each other. Keys may come in any order and more than once; slices are in order.
 */
export function slicesOf(partitionedBy: PartitionedBy, keys: Iterable<string>): Slice[] {
  const groups: Place[][] = []
  let before: Place | undefined
  for (const place of placesOf(partitionedBy, keys)) {
    if (before && isNext(before, place)) groups.at(-1)?.push(place)
    else groups.push([place])
    before = place
  }
  return groups.map((group) => sliceFrom(partitionedBy, group))
}

/** Neighbouring partitions as their one slice. */
export function sliceOf(partitionedBy: PartitionedBy, keys: Iterable<string>): Slice {
  const [slice, next] = slicesOf(partitionedBy, keys)
  if (!slice) throw new Error('A slice needs a partition, and there is none.')
  if (next)
    throw new Error(
      `${slice.keys.at(-1)} and ${next.keys[0]} are not neighbours, so they are two slices, not one.`,
    )
  return slice
}

/** A partition with the place of its value, 0 without values, and the number of its period. */
interface Place {
  key: string
  value: number
  period: number | null
}

function placesOf(partitionedBy: PartitionedBy, keys: Iterable<string>): Place[] {
  const { fixed, time } = dimensionsOf(partitionedBy)
  const valueAt = new Map(fixed?.values.map((value, at) => [value, at]))
  const places = Array.from(new Set(keys), (key) => {
    const value = fixed ? valueAt.get(valueOf(partitionedBy, key) ?? '') : 0
    if (value === undefined)
      throw new Error(`${shown(key)} has none of the values ${listed(fixed?.values ?? [])}.`)
    return { key, value, period: time && numberOf(time, timeKeyOf(partitionedBy, key) ?? '') }
  })
  return places.sort((a, b) => a.value - b.value || (a.period ?? 0) - (b.period ?? 0))
}

const isNext = (a: Place, b: Place) =>
  a.value === b.value && a.period !== null && a.period + 1 === b.period

function sliceFrom(partitionedBy: PartitionedBy, group: readonly Place[]): Slice {
  const { fixed, time } = dimensionsOf(partitionedBy)
  const first = group[0] as Place
  const [from, to] = [first.period, group.at(-1)?.period ?? null]
  const isTimed = time && from !== null && to !== null
  return {
    keys: group.map(({ key }) => key),
    days: isTimed ? daysFrom(time, from, to) : null,
    instants: isTimed ? instantsFrom(time, from, to) : null,
    value: fixed?.values[first.value] ?? null,
  }
}
