/** How every asset stands: the same for the command line and for pages. */
import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import { feedName } from '#kit/read/header.ts'

import { type Failure, failuresOf } from '../failed.ts'
import { type Freshness, freshnessOf } from '../freshness.ts'
import { leadOf, type Unit, unitsOf } from '../graph.ts'
import type { PlanOptions } from '../run.ts'
import { expectedOf, lookAround, stale, staleKeys, type Surroundings } from '../stale.ts'

/**
 * The worst that can be said of an asset, worst first. `failed`: the newest attempt at it, or at some
 * partition. `missing`: it, or a partition, was never materialized. `late`: later than it promises.
 */
export const assetStates = ['failed', 'missing', 'late', 'stale', 'fresh'] as const
export type AssetState = (typeof assetStates)[number]

/** The partitions of an asset by how they stand; one may be in several lists. */
export interface PartitionKeys {
  expected: readonly string[]
  materialized: readonly string[]
  missing: readonly string[]
  stale: readonly string[]
  failed: readonly string[]
}

/** How an asset stands. */
export interface AssetOverview {
  asset: Asset
  unit: Unit
  state: AssetState
  /** Why it is not fresh: 'raw.fee changed'. */
  reason: string | null
  /** Null: it is materialized as a whole. */
  partitions: PartitionKeys | null
  /** Its newest materialization; null: there is none. */
  materializedAt: string | null
  /** Of a feed: that came so far. Of a table: that it was filled with. */
  rows: number | null
  /** Null: it says nothing of how fresh it is to be. */
  freshness: Freshness | null
}

/** Looks up how assets stand, those of the units given or all of them, in the order of the graph. */
export async function assetOverview(
  db: Kysely<AnyDatabase>,
  { assets, hasNews, now = new Date() }: PlanOptions,
  units: readonly Unit[] = unitsOf(assets),
): Promise<AssetOverview[]> {
  const byName = new Map(assets.map((asset) => [asset.name, asset]))
  const feeds = units.filter((unit) => leadOf(unit).kind === 'source')
  const around = await lookAround(db, units, { byName, now })
  const outputs = units.flatMap((unit) => unit.outputs)
  const [news, failures, totals, freshness] = [
    await stale(db, feeds, { assets, hasNews, now }),
    await failuresOf(db, units),
    await totalsOf(db, units),
    await freshnessOf(db, outputs, now),
  ]
  return units.flatMap((unit) => {
    const failed = failures.get(unit.name) ?? new Map<string, Failure>()
    const { keys, reasons } = keysOf(unit, around, news.get(unit.name))
    return unit.outputs.map((asset): AssetOverview => {
      const partitions = asset.partitionedBy && {
        ...keys,
        failed: [...failed.keys()].filter((key) => key !== ''),
      }
      const { materializedAt = null, rows = null } = totals.get(asset.name) ?? {}
      const fresh = asset.freshHours === null ? null : (freshness.get(asset.name) ?? null)
      const isThere = materializedAt !== null
      const judged = judge({ failed, reasons, freshness: fresh, isThere })
      return { asset, unit, ...judged, partitions, materializedAt, rows, freshness: fresh }
    })
  })
}

/** What is expected of a unit and what is wrong with it, by partition. */
function keysOf(unit: Unit, around: Surroundings, news: string | undefined) {
  const { partitionedBy, kind, name } = leadOf(unit)
  const own = [...(around.states.get(name)?.keys() ?? [])].filter((key) => key !== '')
  if (kind === 'source') {
    const reasons = new Map(news ? [['', news]] : [])
    return { keys: { expected: own, materialized: own, missing: [], stale: [] }, reasons }
  }
  const reasons = staleKeys(unit, around)
  const expected = partitionedBy ? expectedOf(unit, partitionedBy, around) : []
  const [missing, outdated]: [string[], string[]] = [[], []]
  for (const [key, reason] of reasons) (isMissing(reason) ? missing : outdated).push(key)
  return { keys: { expected, materialized: own, missing, stale: outdated }, reasons }
}

interface Evidence {
  failed: ReadonlyMap<string, Failure>
  reasons: ReadonlyMap<string, string>
  freshness: Freshness | null
  isThere: boolean
}

function judge(evidence: Evidence): { state: AssetState; reason: string | null } {
  const { failed, reasons, freshness, isThere } = evidence
  const [failure] = failed.values()
  if (failure) return { state: 'failed', reason: failure.error }
  const all = [...reasons.values()]
  const missing = all.find(isMissing)
  if (missing) return { state: 'missing', reason: missing }
  const reason = all[0] ?? null
  if (freshness?.state === 'late')
    return { state: 'late', reason: reason ?? `was due ${freshness.since}` }
  if (reason !== null) return { state: isThere ? 'stale' : 'missing', reason }
  return { state: 'fresh', reason: null }
}

function isMissing(reason: string): boolean {
  return reason === 'is missing' || reason === 'was never materialized'
}

function isDivided({ partitionedBy, kind }: Asset): boolean {
  return partitionedBy !== null && kind !== 'source'
}

interface Totals {
  materializedAt: string
  rows: number | null
}

async function totalsOf(
  db: Kysely<AnyDatabase>,
  units: readonly Unit[],
): Promise<Map<string, Totals>> {
  const assets = units.flatMap(({ outputs }) => outputs)
  const { rows } = await sql<{
    asset: string
    materializedAt: string
    whole: number | null
    parts: number | null
  }>`
    select asset, max(materialized_at) as "materializedAt",
      (sum(rows) filter (where partition = ''))::int8 as whole,
      (sum(rows) filter (where partition <> ''))::int8 as parts
    from engine.partition_state
    where asset = any(${assets.map(({ name }) => name)}::text[]) group by asset`.execute(db)
  const divided = new Set(assets.filter(isDivided).map(({ name }) => name))
  const totals = new Map<string, Totals>()
  for (const { asset, materializedAt, whole, parts } of rows)
    // What a table was filled with before it was divided is not in its partitions.
    totals.set(asset, { materializedAt, rows: divided.has(asset) ? parts : whole })
  const feeds = assets.filter(({ kind }) => kind === 'source')
  // A feed's newest materialization is its newest files; what it has is in the ledger.
  const { rows: landed } = await sql<{ feed: string; rows: number }>`
    select feed, sum(rows_new)::int8 as rows from raw.load
    where is_published and feed = any(${feeds.map(feedName)}::text[]) group by feed`.execute(db)
  const byFeed = new Map(landed.map(({ feed, rows: count }) => [feed, count]))
  for (const feed of feeds) {
    const of = totals.get(feed.name)
    if (of) of.rows = byFeed.get(feedName(feed)) ?? of.rows
  }
  return totals
}
