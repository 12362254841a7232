/** What a table is partitioned by: periods of time, a closed list of values, or one of each. */

/** Periods of a time zone, each named: 2026-11-28, 2026-W48 (ISO week) or 2026-11. */
export interface TimeDimension {
  kind: 'time'
  unit: 'day' | 'week' | 'month'
  /** IANA name, such as Europe/Berlin: where a period begins and ends. */
  zone: string
  /**
   * From this day on a period is expected once it has ended. Null: whatever what it reads has is
   * expected, complete or not.
   */
  from: string | null
}

/** A closed list, such as marketplaces; each value is the name of its partition. */
export interface FixedDimension {
  kind: 'fixed'
  values: readonly string[]
}

export type Dimension = TimeDimension | FixedDimension

/**
 * Column by column, the dimensions of a table's partitions: one, or a fixed one and one of time. A
 * partition of two is named by both, in this order: 'DE/2026-11-28'.
 */
export type PartitionedBy = Readonly<Record<string, Dimension>>

interface Time {
  zone?: string
  from?: string
}

/** A partition a day: '2026-11-28'. The zone is UTC when left out. */
export const daily = (time: Time = {}): TimeDimension => timeDimension('day', time)

/** A partition an ISO week, Monday to Sunday: '2026-W48'. */
export const weekly = (time: Time = {}): TimeDimension => timeDimension('week', time)

/** A partition a month: '2026-11'. */
export const monthly = (time: Time = {}): TimeDimension => timeDimension('month', time)

/** A partition a value. */
export const oneOf = (values: readonly string[]): FixedDimension => ({ kind: 'fixed', values })

function timeDimension(unit: TimeDimension['unit'], { zone = 'UTC', from }: Time): TimeDimension {
  return { kind: 'time', unit, zone, from: from ?? null }
}

/** A table's dimensions by their kind. */
export interface Dimensions {
  fixed: FixedDimension | null
  time: TimeDimension | null
}

const known = new WeakMap<PartitionedBy, Dimensions>()

/** The dimensions by their kind, found once per table. */
export function dimensionsOf(partitionedBy: PartitionedBy): Dimensions {
  const found = known.get(partitionedBy) ?? byKind(partitionedBy)
  known.set(partitionedBy, found)
  return found
}

function byKind(partitionedBy: PartitionedBy): Dimensions {
  const dimensions = Object.values(partitionedBy)
  const fixed = dimensions.filter((dimension) => dimension.kind === 'fixed')
  const time = dimensions.filter((dimension) => dimension.kind === 'time')
  if (dimensions.length === 0 || fixed.length > 1 || time.length > 1)
    throw new Error(
      `A table is partitioned by ${Object.keys(partitionedBy).join(', ') || 'no column'}; it can be by one ` +
        'dimension, or by a fixed and a time dimension: { marketplace: oneOf([...]), day: daily() }.',
    )
  return { fixed: fixed[0] ?? null, time: time[0] ?? null }
}
