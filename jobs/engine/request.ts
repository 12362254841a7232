import type { Kysely } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import { slicesOf } from '#kit/partitions/slices.ts'

import { type Failure, failuresOf } from './failed.ts'
import { leadOf, type Unit, unitsOf } from './graph.ts'
import { type Plan, type PlannedStep, writePlan } from './plan.ts'
import { wakeWorkers } from './presence.ts'
import { onePlanAtATime } from './run.ts'
import type { Only } from './states.ts'
import { expectedOf, lookAround, staleKeys, type Surroundings } from './stale.ts'

/** What somebody asks to be materialized, whether or not it is stale. */
export interface Request {
  kind: 'run' | 'backfill'
  /** In the asker's words, for the record. */
  request: object
  units: readonly Unit[]
  /** Of a partitioned unit: which; those that are expected when left out. */
  keysOf?: (unit: Unit, expected: readonly string[]) => readonly string[]
  only?: Only
  /** So many partitions in a step; what each asset says when left out. */
  batch?: number
  /** So many steps at once; all when left out. */
  atOnce?: number
  /** The smaller the sooner; 0 is live work. */
  priority?: number
}

/** A plan that is not written down, to be shown or started. */
export async function planRequest(
  db: Kysely<AnyDatabase>,
  {
    assets,
    now = new Date(),
    part = false,
  }: { assets: readonly Asset[]; now?: Date; part?: boolean },
  asked: Request,
): Promise<Plan> {
  const byName = new Map(assets.map((asset) => [asset.name, asset]))
  const order = new Map(unitsOf(assets, { part }).map((unit, place) => [unit.name, place]))
  const units = [...asked.units].sort((a, b) => order.get(a.name)! - order.get(b.name)!)
  const around = await lookAround(db, units, { byName, now })
  const failed = asked.only === 'failed' ? await failuresOf(db, units) : undefined
  const steps: PlannedStep[] = []
  for (const unit of units)
    steps.push(...stepsOf(unit, keysFor(unit, asked, around, failed), asked.batch))
  const { kind, request, priority = 0, atOnce = null } = asked
  return { kind, request, priority, atOnce, steps, now }
}

/** Starts a plan; null if it has no steps. */
export async function startPlan(db: Kysely<AnyDatabase>, plan: Plan): Promise<number | null> {
  if (plan.steps.length === 0) return null
  return await db.transaction().execute(async (tx) => {
    await onePlanAtATime(tx)
    const id = await writePlan(tx, plan)
    await wakeWorkers(tx)
    return id
  })
}

function keysFor(
  unit: Unit,
  { keysOf, only }: Request,
  around: Surroundings,
  failed: ReadonlyMap<string, ReadonlyMap<string, Failure>> | undefined,
): readonly string[] {
  const { partitionedBy, kind, name } = leadOf(unit)
  const isDivided = partitionedBy !== null && kind !== 'source'
  const expected = isDivided ? expectedOf(unit, partitionedBy, around) : ['']
  const wanted = isDivided && keysOf ? keysOf(unit, expected) : expected
  if (!only) return wanted
  if (only === 'failed') return wanted.filter((key) => failed?.get(unit.name)?.has(key))
  const known = around.states.get(name)
  if (only === 'missing') return wanted.filter((key) => !known?.has(key))
  const stale = staleKeys(unit, around)
  return wanted.filter((key) => stale.has(key))
}

function stepsOf(unit: Unit, keys: readonly string[], batch?: number): PlannedStep[] {
  const { partitionedBy, kind, batch: own } = leadOf(unit)
  const reason = 'was asked for'
  if (!partitionedBy || kind === 'source')
    return keys.map(() => ({ unit, partition: '', keys: null, reason }))
  const size = batch ?? own
  if (size === 1) return keys.map((key) => ({ unit, partition: key, keys: [key], reason }))
  return slicesOf(partitionedBy, keys).flatMap((slice) =>
    chunks(slice.keys, size).map((part) => ({
      unit,
      partition: labelOf(part),
      keys: part,
      reason,
    })),
  )
}

function labelOf(keys: readonly string[]): string {
  return keys.length === 1 ? keys[0]! : `${keys[0]}..${keys.at(-1)}`
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, place) => items.slice(place * size, (place + 1) * size))
}
