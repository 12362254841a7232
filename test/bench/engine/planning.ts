/** How long it takes to decide what to do and to write it down. */
import { type Kysely, sql } from 'kysely'

import type { Asset } from '#kit/asset.ts'
import { unitsOf } from '#jobs/engine/graph.ts'
import { codeVersion } from '#jobs/engine/code-version.ts'
import { planRequest, startPlan } from '#jobs/engine/request.ts'
import { cancelRun, staleUnits, startRun } from '#jobs/engine/run.ts'
import { connect } from '#jobs/postgres/pool.ts'

import { median } from '../median.ts'
import { days, layers } from './graphs.ts'

/** Seconds to plan and write down so many steps: ten layers by day, each reading two days of the one before. */
export async function planningSeconds(
  url: string,
  { steps, rounds }: { steps: number; rounds: number },
): Promise<number> {
  await using connection = connect(url)
  const { db } = connection
  const assets = layers(10, { neighbours: true })
  const keys = days(steps / 10)
  const units = unitsOf(assets)
  return await seconds(rounds, async () => {
    const asked = { kind: 'backfill', request: {}, units, keysOf: () => keys } as const
    const run = await startPlan(db, await planRequest(db, { assets }, asked))
    return () => cancelRun(db, run!)
  })
}

/** Seconds that questions about one asset with many partitions take, of which a few are stale. */
export interface ManyPartitions {
  /** To plan the upkeep of it. */
  upkeep: number
  /** To plan a backfill of the thousandth part that is missing. */
  backfill: number
  /** To say what is stale, as `recoup status` does. */
  reading: number
}

export async function manyPartitions(
  url: string,
  { partitions, rounds }: { partitions: number; rounds: number },
): Promise<ManyPartitions> {
  await using connection = connect(url)
  const { db } = connection
  const assets = layers(2)
  const keys = days(partitions)
  const now = new Date(`${keys.at(-1)}T23:59:59Z`)
  const there = keys.filter((_, place) => place % 1000 !== 500)
  for (const asset of assets) await materialized(db, asset, there)
  await sql`analyze engine.partition_state`.execute(db)

  const plan = { assets, now, hasNews: async () => false }
  const units = unitsOf(assets)
  const missing = { kind: 'backfill', request: {}, units, only: 'missing' } as const
  return {
    upkeep: await seconds(rounds, async () => {
      const run = await startRun(db, plan)
      return () => cancelRun(db, run!.id)
    }),
    backfill: await seconds(rounds, async () => {
      const run = await startPlan(db, await planRequest(db, { assets, now }, missing))
      return () => cancelRun(db, run!)
    }),
    reading: await seconds(rounds, async () => {
      await staleUnits(db, plan)
      return async () => {}
    }),
  }
}

/** As if they had been materialized, each after what it reads. */
async function materialized(db: Kysely<unknown>, asset: Asset, keys: readonly string[]) {
  await sql`
    insert into engine.partition_state (asset, partition, version, changed, code_version, reads, rows, run)
    select ${asset.name}, partition, place, place, ${codeVersion(asset)},
      ${JSON.stringify({ 'mart.layer_1': keys.length })}::jsonb, 1, 1
    from unnest(${keys}::text[]) with ordinality as key (partition, place)`.execute(db)
}

/** The median; what `work` gives back is done after the clock has stopped. */
async function seconds(
  rounds: number,
  work: () => Promise<() => Promise<unknown>>,
): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    const tidyUp = await work()
    times.push(performance.now() - start)
    await tidyUp()
  }
  return median(times) / 1000
}
