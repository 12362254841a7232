import { instantsOf } from '#kit/partitions/calendar.ts'
import { dimensionsOf, type PartitionedBy } from '#kit/partitions/dimension.ts'
import { timeKeyOf } from '#kit/partitions/keys.ts'

import type { Asset } from '#kit/asset.ts'

/** Until when an asset should have been there, and whether it was not. */
export interface Freshness {
  /** What is judged: its newest partition that is due; null: the whole asset. */
  partition: string | null
  dueAt: string
  isLate: boolean
}

/** What is known of an asset that is to be fresh. */
interface Known {
  expected: readonly string[]
  has: (key: string) => boolean
  materializedAt: string | null
  now: Date
}

/**
 * Judges an asset that says how fresh it is to be; null if it says nothing, or nothing is due yet. By
 * the newest expected partition, so that filling old ones does not make it look fresh.
 */
export function freshnessOf(
  { freshHours, partitionedBy }: Asset,
  { expected, has, materializedAt, now }: Known,
): Freshness | null {
  if (freshHours === null) return null
  const allowedMs = freshHours * 3_600_000
  const time = partitionedBy && dimensionsOf(partitionedBy).time
  if (!partitionedBy || !time) {
    if (materializedAt === null) return null
    const dueAt = new Date(Date.parse(materializedAt) + allowedMs)
    return { partition: null, dueAt: dueAt.toISOString(), isLate: dueAt < now }
  }
  const periods = [...new Set(expected.map((key) => timeKeyOf(partitionedBy, key)!))].sort()
  for (const period of periods.toReversed()) {
    const dueAt = new Date(Date.parse(instantsOf(time, period).to) + allowedMs)
    if (dueAt > now) continue
    const isLate = keysOf(expected, partitionedBy, period).some((key) => !has(key))
    return { partition: period, dueAt: dueAt.toISOString(), isLate }
  }
  return null
}

function keysOf(expected: readonly string[], partitionedBy: PartitionedBy, period: string) {
  return expected.filter((key) => timeKeyOf(partitionedBy, key) === period)
}
