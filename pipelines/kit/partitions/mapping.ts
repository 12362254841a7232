/** Which partitions of what a table reads go into one of its own. */
import type { Readable } from '../asset.ts'

/**
 * `overlap` is the default: the partitions that share time with it, and the same value: the same day,
 * or a week's seven days. `window`: those, shifted by so many of the upstream's periods at both ends.
 * `last`: the newest that began no later. `all`: every one.
 */
export type Mapping =
  | { kind: 'overlap' }
  | { kind: 'window'; before: number; after: number }
  | { kind: 'last' }
  | { kind: 'all' }

/** The neighbours too: `window(1, 1)` of days reads the day before and the day after. */
export const window = (before: number, after: number): Mapping => ({
  kind: 'window',
  before,
  after,
})
export const last: Mapping = { kind: 'last' }
export const all: Mapping = { kind: 'all' }

/** Reads a table's partitions by a mapping of one's own: `mapped(rawOrders, window(1, 0))`. */
export function mapped<R extends Readable>(read: R, mapping: Mapping): R & { mapping: Mapping } {
  return { ...read, mapping }
}
