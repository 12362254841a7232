import { dimensionsOf, type PartitionedBy } from '#kit/partitions/dimension.ts'
import { slicesOf } from '#kit/partitions/slices.ts'

/**
 * Partitions as people write them: neighbours as ranges, `2026-01-01..2026-03-31`, or
 * `DE/2026-01-01..2026-03-31` for those of a value. Without time each stands for itself.
 */
export function rangesOf(partitionedBy: PartitionedBy | null, keys: Iterable<string>): string[] {
  if (!partitionedBy) return [...keys].filter((key) => key !== '')
  const own = [...keys].filter((key) => key !== '')
  try {
    return slicesOf(partitionedBy, own).map((slice) => rangeOf(partitionedBy, slice.keys))
  } catch {
    // Partitions from before the table was divided otherwise.
    return own
  }
}

function rangeOf(partitionedBy: PartitionedBy, keys: readonly string[]): string {
  const [first = '', last = first] = [keys[0], keys.at(-1)]
  if (first === last) return first
  const isTwofold = dimensionsOf(partitionedBy).fixed !== null
  return `${first}..${isTwofold ? last.slice(last.lastIndexOf('/') + 1) : last}`
}
