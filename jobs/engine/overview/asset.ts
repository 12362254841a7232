import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Asset, Check } from '#kit/asset.ts'

import { readsOf, type Unit, unitsOf } from '../graph.ts'
import type { PlanOptions } from '../run.ts'
import { type AssetOverview, assetOverview } from './assets.ts'

/** How a check came out last, over all partitions. */
export interface CheckOverview {
  name: string
  severity: Check<AnyDatabase>['severity']
  because: string
  /** Null: it never ran. */
  checkedAt: string | null
  /** Partitions, or whole tables, whose last result has broken rows. */
  brokenParts: number
  /** One of them, in words; null for a whole table. */
  partition: string | null
  /** Rows that break it there, and the first of them. */
  broken: number
  sample: readonly object[]
}

/** Everything that is known of one asset. */
export interface AssetDetail extends AssetOverview {
  reads: readonly string[]
  readBy: readonly string[]
  checks: readonly CheckOverview[]
}

/** Looks one asset up. */
export async function assetDetail(
  db: Kysely<AnyDatabase>,
  plan: PlanOptions,
  asset: Asset,
): Promise<AssetDetail> {
  const unit = unitsOf(plan.assets).find(({ outputs }) => outputs.includes(asset)) as Unit
  const found = await assetOverview(db, plan, [unit])
  const own = found.find((each) => each.asset === asset) as AssetOverview
  const readers = plan.assets.filter((other) => readsOf(other).includes(asset.name))
  return {
    ...own,
    reads: readsOf(asset),
    readBy: readers.map(({ name }) => name),
    checks: await checksOf(db, asset),
  }
}

type Result = Omit<CheckOverview, 'severity' | 'because'>

async function checksOf(db: Kysely<AnyDatabase>, asset: Asset): Promise<CheckOverview[]> {
  if (asset.checks.length === 0) return []
  const { rows } = await sql<Result>`
    with newest as (
      select distinct on (name, partition) name, partition, broken, checked_at, id
      from engine.check_result where asset = ${asset.name} order by name, partition, id desc
    ),
    shown as (
      select distinct on (name) name, partition, id,
        count(*) filter (where broken > 0) over (partition by name) as parts
      from newest order by name, (broken > 0) desc, id desc
    )
    select shown.name, result.checked_at as "checkedAt", parts as "brokenParts",
      nullif(result.partition, '') as partition, result.broken, result.sample
    from shown join engine.check_result as result on result.id = shown.id`.execute(db)
  const byName = new Map(rows.map((row) => [row.name, row]))
  return asset.checks.map(({ name, severity, because }) => {
    const result = byName.get(name) ?? neverRun
    return { ...result, name, severity, because }
  })
}

const neverRun = { checkedAt: null, brokenParts: 0, partition: null, broken: 0, sample: [] }
