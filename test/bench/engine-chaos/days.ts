import { daily } from '#kit/partitions/dimension.ts'
import { keysInRange } from '#kit/partitions/keys.ts'

import { range } from './assets.ts'

/** So many days to be backfilled, in order: the last of those that the tables have. */
export function lastDays(number: number): string[] {
  return keysInRange({ day: daily() }, range.from, range.to).slice(-number)
}
