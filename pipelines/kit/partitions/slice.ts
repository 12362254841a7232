/** A span of days: from the first, up to but without the last; open at an end that is infinite. */
export interface Span {
  from: string
  to: string
}

/** Which part of a table is materialized at once: neighbouring partitions, or all of it. */
export interface Slice {
  /** The partitions, in their order; none: the whole table. */
  keys: readonly string[]
  /** Of a time dimension: its days in the zone. */
  days: Span | null
  /** The same as instants, the ends of those days included in neither neighbour. */
  instants: Span | null
  /** Of a fixed dimension: the value. */
  value: string | null
}

/** All of a table at once. */
export const whole: Slice = { keys: [], days: null, instants: null, value: null }
