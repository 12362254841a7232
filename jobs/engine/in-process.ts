import type { Kysely } from 'kysely'
import type { Pool } from 'pg'

import type { AnyDatabase, Asset } from '#kit/asset.ts'

import { claim } from './claim.ts'
import { leadOf, unitsOf } from './graph.ts'
import { planRequest, startPlan } from './request.ts'
import { closeRun } from './settle.ts'
import type { Intake } from './intake.ts'
import { runStep } from './step.ts'

/** Feeds bring nothing: what is in their tables is what there is. */
const noFeeds: Intake = {
  fetch: async () => null,
  publish: async () => ({ rows: 0, changed: false, metadata: {} }),
}

/**
 * Materializes assets here and now, without a queue, by the same steps that workers run: in order, each
 * with its checks, in a transaction of its own. What they read besides must be in its tables. Throws
 * the first step's error. Without `partitions`: all that are expected of each.
 */
export async function materialize(
  { db, pool }: { db: Kysely<AnyDatabase>; pool: Pool },
  assets: readonly Asset[],
  options: { partitions?: readonly string[]; now?: Date; intake?: Intake } = {},
): Promise<void> {
  const { partitions, now, intake = noFeeds } = options
  const all = unitsOf(assets, { part: true })
  const units = new Map(all.map((unit) => [unit.name, unit]))
  const byName = new Map(assets.map((asset) => [asset.name, asset]))
  const asked = { kind: 'run', request: { inProcess: true }, units: all } as const
  const plan = await planRequest(
    db,
    { assets, part: true, ...(now && { now }) },
    { ...asked, ...(partitions && { keysOf: () => partitions }) },
  )
  const run = await startPlan(db, plan)
  if (run === null) return
  const pools = [...new Set(all.map((unit) => leadOf(unit).pool))]
  const signal = new AbortController().signal
  const workshop = { db, pool, units, byName, intake }
  for (let isBusy = true; isBusy;) {
    isBusy = false
    for (const name of pools) {
      const step = await claim(pool, { worker: 0, pool: name, worstPriority: 0 })
      if (!step) continue
      isBusy = true
      await runStep(workshop, step, signal)
    }
  }
  await closeRun(db, run)
}
