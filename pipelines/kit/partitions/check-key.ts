import { listed, nearestFirst, shown } from '../words.ts'
import { dimensionsOf, type PartitionedBy, type TimeDimension } from './dimension.ts'
import { timeKeyOf, valueOf } from './keys.ts'
import { namedDays, periodOf, units } from './units.ts'

/** Throws if a key names no partition of a table, and says what is wrong with it and what is allowed. */
export function checkKey(name: string, partitionedBy: PartitionedBy, key: string): void {
  const { fixed, time } = dimensionsOf(partitionedBy)
  const [value, timeKey] = [valueOf(partitionedBy, key), timeKeyOf(partitionedBy, key)]
  const example = [fixed?.values[0], time && units[time.unit].example].filter(Boolean).join('/')
  const fault =
    fixed && time && !key.includes('/')
      ? 'a value and a period name one, with a slash between them'
      : ((fixed && valueFault(fixed.values, value ?? '')) ??
        (time && timeFault(time, timeKey ?? '')))
  if (fault)
    throw new Error(`${name} has no partition ${shown(key)}: ${fault}. One is called ${example}.`)
}

function valueFault(values: readonly string[], value: string): string | null {
  if (values.includes(value)) return null
  return `${shown(value)} is not one of ${listed(nearestFirst(value, values))}`
}

function timeFault({ unit }: TimeDimension, key: string): string | null {
  if (periodOf(units[unit], key) !== undefined) return null
  const other = namedDays(key)
  const isWritten = units[unit].pattern.test(key)
  if (!other)
    return isWritten ? `the calendar has no ${unit} ${key}` : `${shown(key)} is not a ${unit}`
  const { holding, keyOf } = units[unit]
  const [first, last] = [keyOf(holding(other.first)), keyOf(holding(other.last))]
  const own = first === last ? `that is in ${first}` : `that is ${first} to ${last}`
  return `${key} is a ${other.unit} and its partitions are ${unit}s: ${own}`
}
