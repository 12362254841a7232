import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import { instantsOf } from '#kit/partitions/calendar.ts'
import { dimensionsOf, type PartitionedBy, type TimeDimension } from '#kit/partitions/dimension.ts'
import { timeKeyOf } from '#kit/partitions/keys.ts'

import { leadOf, unitsOf } from './graph.ts'
import { expectedOf, lookAround } from './stale.ts'

/** Whether an asset is as new as it says it should be. */
export interface Freshness {
  /** `none`: it says nothing of it, or was never made and has no partitions to tell since when. */
  state: 'fresh' | 'late' | 'none'
  /** Of one that is late: when it should have been there. */
  since: string | null
  /** The newest partition whose time was up, or else the newest there is to expect. */
  expected: string | null
  lastMaterialized: string | null
}

/** The assets' freshness by name, on the clock given. Costs nothing for assets without freshHours. */
export async function freshnessOf(
  db: Kysely<AnyDatabase>,
  assets: readonly Asset[],
  now: Date,
): Promise<Map<string, Freshness>> {
  const found = new Map(assets.map(({ name }) => [name, unknown]))
  const watched = assets.filter(({ freshHours }) => freshHours !== null)
  if (watched.length === 0) return found
  const expected = await expectedOfAll(db, assets, { watched, now })
  const made = await madeOf(db, watched)
  for (const asset of watched)
    found.set(asset.name, judge(asset, made.get(asset.name) ?? new Map(), { expected, now }))
  return found
}

const unknown: Freshness = { state: 'none', since: null, expected: null, lastMaterialized: null }

/** By partition, when it was materialized last. */
type Made = ReadonlyMap<string, number>

function judge(
  asset: Asset,
  made: Made,
  { expected, now }: { expected: ReadonlyMap<string, readonly string[]>; now: Date },
): Freshness {
  const hours = asset.freshHours ?? 0
  const newest = Math.max(...made.values())
  const lastMaterialized = made.size > 0 ? new Date(newest).toISOString() : null
  const time = asset.partitionedBy && dimensionsOf(asset.partitionedBy).time
  const keys = expected.get(asset.name)
  if (asset.partitionedBy && time && keys)
    return {
      ...judgePeriods(periodsOf(asset.partitionedBy, keys), { time, made, hours, now }),
      lastMaterialized,
    }
  if (made.size === 0) return unknown
  // Of several values the one that was made longest ago.
  const deadline = Math.min(...made.values()) + hours * anHour
  const isLate = now.getTime() > deadline
  return {
    state: isLate ? 'late' : 'fresh',
    since: isLate ? new Date(deadline).toISOString() : null,
    expected: null,
    lastMaterialized,
  }
}

/** From the newest period backwards: late if one is met whose time is up before one that is there. */
function judgePeriods(
  periods: readonly [period: string, keys: readonly string[]][],
  { time, made, hours, now }: { time: TimeDimension; made: Made; hours: number; now: Date },
): Omit<Freshness, 'lastMaterialized'> {
  let expected: string | null = null
  let since: number | null = null
  for (const [period, keys] of periods.toReversed()) {
    if (keys.every((key) => made.has(key))) {
      expected ??= period
      break
    }
    const deadline = Date.parse(instantsOf(time, period).to) + hours * anHour
    if (deadline >= now.getTime()) continue
    expected ??= period
    since = deadline
  }
  return {
    state: since === null ? 'fresh' : 'late',
    since: since === null ? null : new Date(since).toISOString(),
    expected: expected ?? periods.at(-1)?.[0] ?? null,
  }
}

/** The partitions of every period, in the order of time. */
function periodsOf(partitionedBy: PartitionedBy, keys: readonly string[]): [string, string[]][] {
  const byPeriod = Map.groupBy(keys, (key) => timeKeyOf(partitionedBy, key)!)
  return [...byPeriod].sort(([one], [other]) => (one < other ? -1 : 1))
}

const anHour = 3_600_000

/** The partitions there should be of those that have any; a feed has those that came. */
async function expectedOfAll(
  db: Kysely<AnyDatabase>,
  assets: readonly Asset[],
  { watched, now }: { watched: readonly Asset[]; now: Date },
): Promise<Map<string, string[]>> {
  const byName = new Map(assets.map((asset) => [asset.name, asset]))
  const divided = new Set(
    watched.filter(({ kind, partitionedBy }) => kind !== 'source' && partitionedBy),
  )
  const units = unitsOf(assets, { part: true }).filter(({ outputs }) =>
    outputs.some((output) => divided.has(output)),
  )
  // Only what is expected as far as there is something to read needs the tables.
  const observing = units.filter((unit) => isObserving(leadOf(unit)))
  const around = await lookAround(db, observing, { byName, now })
  return new Map(
    units.flatMap((unit) =>
      unit.outputs
        .filter((output) => divided.has(output))
        .map((output) => [output.name, expectedOf(unit, output.partitionedBy!, around)] as const),
    ),
  )
}

function isObserving({ partitionedBy }: Asset): boolean {
  return partitionedBy !== null && dimensionsOf(partitionedBy).time?.from === null
}

async function madeOf(
  db: Kysely<AnyDatabase>,
  watched: readonly Asset[],
): Promise<Map<string, Made>> {
  const { rows } = await sql<{ asset: string; made: Record<string, string> }>`
    select asset, json_object_agg(partition, materialized_at) as made
    from engine.partition_state where asset = any(${watched.map(({ name }) => name)}::text[])
    group by asset`.execute(db)
  return new Map(
    rows.map(({ asset, made }) => [
      asset,
      new Map(Object.entries(made).map(([key, at]) => [key, Date.parse(at)])),
    ]),
  )
}
