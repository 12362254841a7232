/** How long runs of steps take that do nothing: what remains is the engine's own time. */
import { type Kysely, sql } from 'kysely'

import type { Asset } from '#kit/asset.ts'
import { unitsOf } from '#jobs/engine/graph.ts'
import { planRequest, startPlan } from '#jobs/engine/request.ts'
import { waitForRun } from '#jobs/engine/watch.ts'
import { connect } from '#jobs/postgres/pool.ts'

import { median } from '../median.ts'
import { days, type GraphName, graphs } from './graphs.ts'
import { startWorkers } from './workers.ts'

/** Where and how often. */
export interface Runs {
  url: string
  redisUrl: string | undefined
  /** Worker processes, and steps at a time in each. */
  workers: number
  slots: number
  rounds: number
}

/** Milliseconds a step of a chain; the median of the rounds, after one that does not count. */
export async function chainedMs(runs: Runs): Promise<number> {
  const { ms, steps } = await timed('chain', [''], runs)
  return ms / steps
}

/** Steps a second of six layers of partitions. */
export async function fanOutPerSecond(partitions: number, runs: Runs): Promise<number> {
  const { ms, steps } = await timed('fanOut', days(partitions), runs)
  return (steps / ms) * 1000
}

async function timed(graph: GraphName, keys: readonly string[], runs: Runs) {
  const { url, redisUrl, workers, slots, rounds } = runs
  const assets = graphs[graph]()
  await using connection = connect(url)
  const { db } = connection
  await using _workers = await startWorkers(db, workers, { url, redisUrl, graph, slots })
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const ms = await timeOf(db, assets, keys)
    if (round > 0) times.push(ms)
  }
  return { ms: median(times), steps: assets.length * keys.length }
}

/** From the moment the run is written down to its end, as the server's clock has it. */
async function timeOf(
  db: Kysely<unknown>,
  assets: readonly Asset[],
  keys: readonly string[],
): Promise<number> {
  const units = unitsOf(assets)
  const asked = { kind: 'run', request: {}, units, keysOf: () => keys } as const
  const run = await startPlan(db, await planRequest(db, { assets }, asked))
  const { state, steps } = await waitForRun(db, run!, { everyMs: 200 })
  if (state !== 'done' || steps.some((step) => step.state !== 'done'))
    throw new Error(`Run ${run} ended as ${state}, so it says nothing about speed.`)
  const { rows } = await sql<{ ms: number }>`
    select extract(epoch from finished_at - planned_at)::float8 * 1000 as ms
    from engine.run where id = ${run}`.execute(db)
  return rows[0]!.ms
}
