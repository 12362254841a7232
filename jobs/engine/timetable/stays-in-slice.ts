import type { AnyDatabase, Asset, Check } from '#kit/asset.ts'
import { type Slice, whole } from '#kit/partitions/slice.ts'

import { hasColumns } from '../checks.ts'
import { compileOnly } from '../compile-only.ts'

const known = new WeakMap<Check<AnyDatabase>['broken'], boolean>()

/** Whether a check of a partitioned asset judges no rows but those of the partitions just made. */
export function staysInSlice(asset: Asset, { broken }: Check<AnyDatabase>): boolean {
  const columns = Object.keys(asset.partitionedBy ?? {})
  if (columns.length === 0) return false
  const found = known.get(broken) ?? isNarrow(broken, columns)
  known.set(broken, found)
  return found
}

function isNarrow(broken: Check<AnyDatabase>['broken'], columns: readonly string[]): boolean {
  const all = broken(compileOnly, whole)
  const part = broken(compileOnly, someSlice)
  return hasColumns(all, columns) || all.compile().sql !== part.compile().sql
}

const span = { from: '1970-01-01', to: '1970-01-02' }
const someSlice: Slice = { keys: ['1970-01-01'], days: span, instants: span, value: '' }
