import type { Kysely } from 'kysely'

import type { AnyDatabase, Asset, Readable, Source } from '#kit/asset.ts'
import { keysBetween } from '#kit/partitions/calendar.ts'
import { dimensionsOf, type PartitionedBy } from '#kit/partitions/dimension.ts'
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
  { assets, hasNews, now }: { assets: readonly Asset[]; hasNews: HasNews; now?: Date | undefined },
): Promise<Map<string, string>> {
  const byName = new Map(assets.map((asset) => [asset.name, asset]))
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

/** The partitions there should be: those whose time has come, or those that what is read has rows for. */
export function expectedOf(
  { reads }: Unit,
  partitionedBy: PartitionedBy,
  { byName, states, now }: Surroundings,
): string[] {
  const { time: own } = dimensionsOf(partitionedBy)
  const observed = new Set<string>()
  if (own && own.from === null)
    for (const read of reads) {
      const up = byName.get(read.name)?.partitionedBy
      const theirs = up && dimensionsOf(up).time
      if (!theirs) continue
      for (const period of periodsOf(states.get(read.name)?.keys() ?? [], up)) {
        const { first, last } = downstreamSpan(mappingOf(read), own, theirs, {
          first: period,
          last: period,
        })
        if (first === last) observed.add(first)
        else for (const key of keysBetween(own, first, last)) observed.add(key)
      }
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

/** The periods among partitions; '' is none, but the asset as a whole. */
function periodsOf(keys: Iterable<string>, partitionedBy: PartitionedBy): Set<string> {
  const periods = new Set<string>()
  for (const key of keys) if (key !== '') periods.add(timeKeyOf(partitionedBy, key)!)
  return periods
}
