import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'

import { unitsOf } from './graph.ts'
import type { Plan, PlannedStep } from './plan.ts'

/** The part of an ended run that did not get done, as a plan: what failed, and what waited for it. */
export async function planRest(
  db: Kysely<AnyDatabase>,
  assets: readonly Asset[],
  run: number,
): Promise<Plan> {
  const units = new Map(unitsOf(assets).map((unit) => [unit.name, unit]))
  const { rows } = await sql<{
    state: string
    kind: Plan['kind']
    request: object
    priority: number
    atOnce: number | null
  }>`
    select state, kind, request, priority, at_once as "atOnce"
    from engine.run where id = ${run}`.execute(db)
  const [ended] = rows
  if (!ended) throw new Error(`There is no run ${run}. To see those there are: recoup runs`)
  if (ended.state === 'running')
    throw new Error(`Run ${run} is under way. To see how far it is: recoup logs ${run} --follow`)

  const { rows: left } = await sql<{ asset: string; partition: string; keys: string[] | null }>`
    select asset, partition, keys from engine.step
    where run = ${run} and state in ('failed', 'skipped', 'cancelled') order by id`.execute(db)
  const steps = left.map(({ asset, partition, keys }): PlannedStep => {
    const unit = units.get(asset)
    if (!unit)
      throw new Error(`${asset} of run ${run} is no longer among the assets. Start a new run.`)
    const known = keys ?? (partition === '' ? null : [partition])
    return { unit, partition, keys: known, reason: `run ${run} did not get it done` }
  })
  const { kind, request, priority, atOnce } = ended
  return { kind, request, priority, atOnce, resumes: run, steps, now: new Date() }
}
