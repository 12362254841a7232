import type { Kysely } from 'kysely'

import type { AnyDatabase, Asset, Readable, Source } from '#kit/asset.ts'
import type { PartitionedBy, TimeDimension } from '#kit/partitions/dimension.ts'
import { expectedKeys, timeKeyOf } from '#kit/partitions/keys.ts'
import { downstreamSpan, upstreamKeys } from '#kit/partitions/mapping.ts'

import { codeVersion } from './code-version.ts'
import { leadOf, mappingOf, type Unit } from './graph.ts'
import { type PartitionState, readStates, type States } from './partition-states.ts'

/** Whether the outside world has something for a source that was not loaded yet. */
export type HasNews = (source: Source) => Promise<boolean>

/** The reason to materialize, by partition; '' for an asset without. */
export type StaleKeys = ReadonlyMap<string, string>

/** What is known of the assets around some units: enough to say which of their partitions are stale. */
export interface Surroundings {
  states: States
  byName: ReadonlyMap<string, Asset>
  now: Date
}

/** Looks up what is materialized of the units given and of all that they read. */
export async function lookAround(
  db: Kysely<AnyDatabase>,
  units: readonly Unit[],
  { byName, now = new Date() }: { byName: ReadonlyMap<string, Asset>; now?: Date },
): Promise<Surroundings> {
  const names = units.flatMap(({ outputs, reads }) =>
    [...outputs, ...reads].map(({ name }) => name),
  )
  return { states: await readStates(db, [...new Set(names)]), byName, now }
}

/** The units that need materializing by themselves, with the reason; what derives from them comes on top. */
export async function stale(
  db: Kysely<AnyDatabase>,
  units: readonly Unit[],
  hasNews: HasNews,
  now?: Date,
): Promise<Map<string, string>> {
  const byName = new Map(units.flatMap(({ outputs }) => outputs.map((each) => [each.name, each])))
  const around = await lookAround(db, units, { byName, ...(now && { now }) })
  const reasons = new Map<string, string>()
  for (const unit of units) {
    const lead = leadOf(unit)
    const reason =
      lead.kind === 'source'
        ? await newsOf(lead, around, hasNews)
        : inWords(staleKeys(unit, around), lead)
    if (reason) reasons.set(unit.name, reason)
  }
  return reasons
}

/** The partitions of a unit that are missing, or older than their definition or than what they read. */
export function staleKeys(unit: Unit, around: Surroundings): StaleKeys {
  const { partitionedBy } = leadOf(unit)
  const keys = partitionedBy ? expectedOf(unit, partitionedBy, around) : ['']
  const changes = unit.reads.map((read) => changesOf(read, partitionedBy, around))
  const owns = unit.outputs.map((output) => ({
    own: around.states.get(output.name),
    code: codeVersion(output),
  }))
  const reasons = new Map<string, string>()
  for (const key of keys) {
    const reason = reasonFor(key, owns, changes)
    if (reason) reasons.set(key, reason)
  }
  return reasons
}

/** The partitions there should be: those whose time has come, and those that what is read has rows for. */
export function expectedOf(
  { reads }: Unit,
  partitionedBy: PartitionedBy,
  { byName, states, now }: Surroundings,
): string[] {
  const own = timeDimension(partitionedBy)
  const observed: string[] = []
  for (const read of own ? reads : []) {
    const up = byName.get(read.name)?.partitionedBy
    const time = up && timeDimension(up)
    const span = time && spanOf(states.get(read.name)?.keys() ?? [], up)
    if (!span) continue
    const { first, last } = downstreamSpan(mappingOf(read), own!, time, span)
    observed.push(first, last)
  }
  return expectedKeys(partitionedBy, { now, observed })
}

type OwnStates = { own: ReadonlyMap<string, PartitionState> | undefined; code: string | null }

function reasonFor(
  key: string,
  owns: readonly OwnStates[],
  changes: readonly Changes[],
): string | undefined {
  for (const { own, code } of owns) {
    const state = own?.get(key)
    if (!state) return key === '' ? 'was never materialized' : 'is missing'
    if (state.codeVersion !== code) return 'its definition changed'
    for (const { name, newestFor } of changes)
      if (newestFor(key) > (state.reads[name] ?? 0)) return `${name} changed`
  }
  return undefined
}

/** What a read asset did lately: the newest change among the partitions that one of ours reads. */
interface Changes {
  name: string
  newestFor: (key: string) => number
}

function changesOf(
  read: Readable,
  own: PartitionedBy | null,
  { states, byName }: Surroundings,
): Changes {
  const { name } = read
  const mapping = mappingOf(read)
  const of = states.get(name)
  let newest = 0
  for (const { changed } of of?.values() ?? []) newest = Math.max(newest, changed)
  const up = byName.get(name)?.partitionedBy
  if (!own || !up || mapping.kind === 'all') return { name, newestFor: () => newest }
  return {
    name,
    newestFor(key) {
      const keys = upstreamKeys(mapping, own, up, key)
      if (keys === 'all') return newest
      return keys.reduce((most, each) => Math.max(most, of?.get(each)?.changed ?? 0), 0)
    },
  }
}

async function newsOf(
  source: Source,
  { states }: Surroundings,
  hasNews: HasNews,
): Promise<string | undefined> {
  const own = states.get(source.name)
  if (!own) return 'was never materialized'
  // Its rows were loaded before it was divided: nobody could say which partitions they are in.
  if (source.partitionedBy && own.size === 1 && (own.get('')?.changed ?? 0) > 0)
    return 'its partitions are not recorded yet'
  return (await hasNews(source)) ? 'has new files' : undefined
}

function inWords(keys: StaleKeys, { partitionedBy }: Asset): string | undefined {
  const [first] = keys
  if (!first) return undefined
  const [key, reason] = first
  if (!partitionedBy) return reason
  const more = keys.size > 1 ? ` and ${(keys.size - 1).toLocaleString('en')} more` : ''
  return `${key}${more}: ${reason}`
}

function timeDimension(partitionedBy: PartitionedBy): TimeDimension | undefined {
  return Object.values(partitionedBy).find((dimension) => dimension.kind === 'time')
}

/** The first and the last period among partitions; nothing of '' alone, which is the asset as a whole. */
function spanOf(
  keys: Iterable<string>,
  partitionedBy: PartitionedBy,
): { first: string; last: string } | undefined {
  let span: { first: string; last: string } | undefined
  for (const key of keys) {
    const time = key === '' ? null : timeKeyOf(partitionedBy, key)
    if (time === null) continue
    if (!span) span = { first: time, last: time }
    else if (time < span.first) span.first = time
    else if (time > span.last) span.last = time
  }
  return span
}
