import { type Kysely, sql, type Transaction } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import { locks } from '#jobs/postgres/locks.ts'

import { leadOf, type Unit, unitsOf, withDownstream } from './graph.ts'
import { type Plan, type PlannedStep, writePlan } from './plan.ts'
import { wakeWorkers } from './presence.ts'
import { lockRun } from './settle.ts'
import type { RunKind } from './states.ts'
import { type HasNews, stale } from './stale.ts'
import { letGo } from './windows.ts'

/** A run that is under way. */
export interface StartedRun {
  id: number
  /** It was under way already, perhaps since before a crash: what is stale may go beyond it. */
  resumed: boolean
}

/** What a run is planned from. */
export interface PlanOptions {
  assets: readonly Asset[]
  hasNews: HasNews
  /** The time that partitions are due by; now when left out. */
  now?: Date
}

/** Why upkeep is done, and of what. */
export interface Upkeep {
  kind?: RunKind
  request?: object
  /** Only these units, not all that are automatic. */
  only?: ReadonlySet<string>
  /** Why the first of them are made also if they are not stale. */
  because?: string
}

/**
 * Plans a run of every stale asset and all that derives from them; null if nothing is stale. One such
 * run is under way at a time: if there is one, it is the answer. Workers pick it up by themselves.
 */
export async function startRun(
  db: Kysely<AnyDatabase>,
  plan: PlanOptions,
  upkeep: Upkeep = {},
): Promise<StartedRun | null> {
  return await db.transaction().execute((tx) => startRunIn(tx, plan, upkeep))
}

/** The same in a transaction that also writes down what it was started for. */
export async function startRunIn(
  tx: Transaction<AnyDatabase>,
  { assets, hasNews, now = new Date() }: PlanOptions,
  { kind = 'upkeep', request = {}, only, because }: Upkeep = {},
): Promise<StartedRun | null> {
  const units = unitsOf(assets)
  await onePlanAtATime(tx)
  const open = await openRun(tx, kind, request)
  if (open) return { id: open, resumed: true }

  const isWanted = (unit: Unit) => (only ? only.has(unit.name) : isAutomatic(unit))
  const wanted = units.filter(isWanted)
  const reasons = await stale(tx, wanted, { assets, hasNews, now })
  if (because !== undefined)
    for (const { name } of firstOf(wanted)) if (!reasons.has(name)) reasons.set(name, because)
  if (reasons.size === 0) return null
  const steps = stepsOf(wanted, reasons)
  const id = await writePlan(tx, { kind, request, priority: 0, atOnce: null, steps, now })
  await wakeWorkers(tx)
  return { id, resumed: false }
}

/** A step for each unit that is stale, and for what derives from it: these find out whether they are. */
function stepsOf(units: readonly Unit[], reasons: ReadonlyMap<string, string>): PlannedStep[] {
  return withDownstream(units, reasons.keys()).map((unit) => {
    return { unit, partition: '', keys: null, reason: reasons.get(unit.name) ?? null }
  })
}

/** What upkeep would do now, to be shown. */
export async function upkeepPlan(db: Kysely<AnyDatabase>, options: PlanOptions): Promise<Plan> {
  const { assets, now = new Date() } = options
  const steps = stepsOf(unitsOf(assets).filter(isAutomatic), await staleUnits(db, options))
  return { kind: 'upkeep', request: {}, priority: 0, atOnce: null, steps, now }
}

/** The units that upkeep would start with, with the reason. */
export async function staleUnits(
  db: Kysely<AnyDatabase>,
  { assets, hasNews, now }: PlanOptions,
): Promise<Map<string, string>> {
  return await stale(db, unitsOf(assets).filter(isAutomatic), { assets, hasNews, now })
}

/** Ends a run before its time: what is loading is rolled back, what is loaded stays. False: it had ended. */
export async function cancelRun(db: Kysely<AnyDatabase>, run: number): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    await lockRun(tx, run)
    const { rows } = await sql`
      update engine.run set state = 'cancelled', finished_at = clock_timestamp()
      where id = ${run} and state = 'running' returning id`.execute(tx)
    await sql`
      update engine.step set state = 'cancelled', finished_at = clock_timestamp()
      where run = ${run} and state in ('blocked', 'waiting', 'ready', 'running')`.execute(tx)
    await wakeWorkers(tx)
    return rows.length > 0
  })
}

/** Starts no more steps of a run; those that run go on to their end. False: it is not under way. */
export async function pauseRun(db: Kysely<AnyDatabase>, run: number): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    await lockRun(tx, run)
    const { rows } = await sql`
      update engine.run set paused = true where id = ${run} and state = 'running'
      returning id`.execute(tx)
    await sql`
      update engine.step set state = 'waiting' where run = ${run} and state = 'ready'`.execute(tx)
    return rows.length > 0
  })
}

/** Lets a paused run go on. False: it is not under way. */
export async function unpauseRun(db: Kysely<AnyDatabase>, run: number): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    await lockRun(tx, run)
    const { rows } = await sql`
      update engine.run set paused = false where id = ${run} and state = 'running'
      returning id`.execute(tx)
    await letGo(tx, run)
    await wakeWorkers(tx)
    return rows.length > 0
  })
}

/** Whether upkeep makes it by itself. */
export function isAutomatic(unit: Unit): boolean {
  return leadOf(unit).automatic
}

/** Of some units those that read none of the others. */
function firstOf(units: readonly Unit[]): Unit[] {
  const names = new Set(units.map(({ name }) => name))
  return units.filter(({ upstream }) => ![...upstream].some((up) => names.has(up)))
}

/** Plans are written one at a time, until the commit. */
export async function onePlanAtATime(tx: Transaction<AnyDatabase>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${locks.plan}, 0)`.execute(tx)
}

async function openRun(
  tx: Transaction<AnyDatabase>,
  kind: RunKind,
  request: object,
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select id from engine.run
    where state = 'running' and kind = ${kind} and request = ${JSON.stringify(request)}::jsonb
      and resumes is null
    order by id limit 1`.execute(tx)
  return rows[0]?.id
}
