import type { Kysely } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import { type Slice, whole } from '#kit/partitions/slice.ts'
import { slicesOf } from '#kit/partitions/slices.ts'

import type { ClaimedStep } from './claim.ts'
import { leadOf, type Unit } from './graph.ts'
import { expectedOf, lookAround, staleKeys } from './stale.ts'

/** Which part of its tables a step materializes. */
export interface Part {
  /** None: nothing is stale. One without keys: the whole. */
  slices: readonly Slice[]
  /** One slice around them all. */
  covering: Slice
  /** Whether there is nothing in the tables besides. */
  isAll: boolean
}

const all: Part = { slices: [whole], covering: whole, isAll: true }

/** The part that a step names, or else all that is stale now. A feed is loaded as it comes. */
export async function partOf(
  db: Kysely<AnyDatabase>,
  unit: Unit,
  step: ClaimedStep,
  byName: ReadonlyMap<string, Asset>,
): Promise<Part> {
  const { partitionedBy, kind, name } = leadOf(unit)
  if (!partitionedBy || kind === 'source') return all
  const part = (keys: Iterable<string>, isAll: boolean): Part => {
    const slices = slicesOf(partitionedBy, keys)
    return { slices, covering: slices.length === 1 ? slices[0]! : whole, isAll }
  }
  const given = step.keys ?? (step.partition === '' ? null : [step.partition])
  if (given) return part(given, false)

  const around = await lookAround(db, [unit], { byName, now: new Date(step.plannedAt) })
  const stale = staleKeys(unit, around)
  const known = [...(around.states.get(name)?.keys() ?? [])].filter((key) => key !== '')
  const expected = expectedOf(unit, partitionedBy, around)
  const isAll = stale.size === expected.length && known.every((key) => stale.has(key))
  return part(stale.keys(), isAll)
}
