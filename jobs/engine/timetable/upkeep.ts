import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { type Unit, unitsOf, withDownstream } from '../graph.ts'
import { isAutomatic, type PlanOptions, staleUnits, startRun } from '../run.ts'
import { type Failing, failingOf } from './failing.ts'

/**
 * Starts a run of what is automatic and missing or stale, such as the partition of a day that has
 * ended. What failed is tried again once what it reads has changed, or after a while that doubles each
 * time; until then what derives from it waits too. What another run is making is left to that run.
 */
export async function keepUp(
  db: Kysely<AnyDatabase>,
  plan: PlanOptions & { now: Date },
): Promise<void> {
  if (await isUnderWay(db)) return
  const reasons = await staleUnits(db, plan)
  if (reasons.size === 0) return
  const units = unitsOf(plan.assets)
  const held = await heldBack(db, units, plan.now)
  const waiting = new Set(withDownstream(units, held).map(({ name }) => name))
  for (const name of await beingMade(db)) waiting.add(name)
  for (const name of await justMadeBesideABackfill(db, units)) waiting.add(name)
  const wanted = units.filter((unit) => isAutomatic(unit) && !waiting.has(unit.name))
  const only = new Set(wanted.map(({ name }) => name))
  if (![...reasons.keys()].some((name) => only.has(name))) return
  await startRun(db, plan, { only })
}

async function isUnderWay(db: Kysely<AnyDatabase>): Promise<boolean> {
  const { rows } = await sql`
    select from engine.run where state = 'running' and kind = 'upkeep' limit 1`.execute(db)
  return rows.length > 0
}

/** What other runs are about to make; a backfill may take days, and live work goes on beside it. */
async function beingMade(db: Kysely<AnyDatabase>): Promise<string[]> {
  const { rows } = await sql<{ unit: string }>`
    select distinct step.asset as unit
    from engine.run as run join engine.step as step on step.run = run.id
    where run.state = 'running' and not run.paused and run.kind <> 'backfill'
      and step.state in ('blocked', 'waiting', 'ready', 'running')`.execute(db)
  return rows.map(({ unit }) => unit)
}

const besideABackfill = '10 minutes'

/**
 * What derives from partitions that a backfill is making is stale again after each of them. It is made
 * every so often meanwhile, not all the time.
 */
async function justMadeBesideABackfill(
  db: Kysely<AnyDatabase>,
  units: readonly Unit[],
): Promise<string[]> {
  const { rows: made } = await sql<{ unit: string }>`
    select distinct step.asset as unit
    from engine.run as run join engine.step as step on step.run = run.id
    where run.state = 'running' and run.kind = 'backfill'
      and step.state in ('blocked', 'waiting', 'ready', 'running')`.execute(db)
  const names = new Set(made.map(({ unit }) => unit))
  if (names.size === 0) return []
  const derived = withDownstream(units, names).filter(({ name }) => !names.has(name))
  const assets = derived.flatMap(({ outputs }) => outputs.map(({ name }) => name))
  const { rows: recent } = await sql<{ asset: string }>`
    select distinct asset from engine.partition_state
    where asset = any(${assets}::text[])
      and materialized_at > clock_timestamp() - ${besideABackfill}::interval`.execute(db)
  const fresh = new Set(recent.map(({ asset }) => asset))
  return derived.filter(({ outputs }) => fresh.has(outputs[0]!.name)).map(({ name }) => name)
}

/** The units that failed and are not tried again yet. */
async function heldBack(
  db: Kysely<AnyDatabase>,
  units: readonly Unit[],
  now: Date,
): Promise<string[]> {
  const failing = await failingOf(db, units)
  const held: string[] = []
  for (const { name, reads } of units) {
    const failure = failing.get(name)
    if (!failure || now.getTime() >= againAt(failure)) continue
    const names = reads.map((read) => read.name)
    if (!(await changedSince(db, names, failure.failedAt))) held.push(name)
  }
  return held
}

/** After a minute, then 2, 4, and so on up to an hour. */
function againAt({ failedAt, steps }: Failing): number {
  return Date.parse(failedAt) + Math.min(2 ** (steps - 1), 60) * 60_000
}

async function changedSince(
  db: Kysely<AnyDatabase>,
  assets: readonly string[],
  since: string,
): Promise<boolean> {
  const { rows } = await sql`
    select from engine.partition_state
    where asset = any(${assets}::text[]) and changed = version and materialized_at > ${since}
    limit 1`.execute(db)
  return rows.length > 0
}
