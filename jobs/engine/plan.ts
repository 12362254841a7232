import { sql, type Transaction } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'
import type { PartitionedBy } from '#kit/partitions/dimension.ts'
import { type Mapping, upstreamKeys } from '#kit/partitions/mapping.ts'

import { leadOf, mappingOf, type Unit } from './graph.ts'
import type { RunKind } from './states.ts'
import { letGo } from './windows.ts'

/** A step to be: what it materializes, and why. */
export interface PlannedStep {
  unit: Unit
  /** In words; '' for the whole, or for all partitions that are stale when it starts. */
  partition: string
  /** The partitions, if they are known now. */
  keys: readonly string[] | null
  /** Null: only if something it reads changes. */
  reason: string | null
}

/** A run to be. */
export interface Plan {
  kind: RunKind
  /** What was asked for, in the asker's words. */
  request: object
  /** The smaller the sooner; live work is 0. */
  priority: number
  /** So many steps at once; null: all. */
  atOnce: number | null
  /** The run whose failed steps these are. */
  resumes?: number
  steps: readonly PlannedStep[]
  /** The time that partitions are due by. */
  now: Date
}

/** Pairs of places in a plan: the first must end before the second starts. */
type Edges = { up: number[]; down: number[] }

const mostEdges = 5_000_000

/** Which steps of a plan wait for which, from the mappings between their partitions. */
function edgesOf(steps: readonly PlannedStep[]): Edges {
  const placesOf = new Map<string, Places>()
  for (const [place, step] of steps.entries()) note(placesOf, step, place)
  const edges: Edges = { up: [], down: [] }
  for (const [place, { unit, keys }] of steps.entries()) {
    const ups = new Set<number>()
    const own = leadOf(unit).partitionedBy
    for (const read of unit.reads) {
      const places = placesOf.get(read.name)
      if (!places) continue
      const up = places.unit.outputs.find(({ name }) => name === read.name)?.partitionedBy
      const mapping = mappingOf(read)
      for (const each of placesRead(places, { mapping, own, up, keys })) ups.add(each)
    }
    for (const up of ups) {
      edges.up.push(up)
      edges.down.push(place)
    }
    if (edges.up.length > mostEdges)
      throw new Error(
        `This plan has more than ${mostEdges.toLocaleString('en')} dependencies between its steps. ` +
          'Ask for fewer partitions at once, or for more of them in a step: --batch 30.',
      )
  }
  return edges
}

/** Where in a plan the steps of an asset are. */
interface Places {
  unit: Unit
  byKey: Map<string, number>
  /** Those whose partitions are not known yet. */
  open: number[]
  all: number[]
}

interface Reading {
  mapping: Mapping
  own: PartitionedBy | null
  up: PartitionedBy | null | undefined
  keys: readonly string[] | null
}

/** The steps that bring what some partitions read. */
function placesRead(places: Places, { mapping, own, up, keys }: Reading): Iterable<number> {
  if (!own || !up || !keys || mapping.kind === 'all') return places.all
  const read = keys.map((key) => upstreamKeys(mapping, own, up, key))
  if (read.includes('all')) return places.all
  // A step that finds out for itself which partitions it makes is read by all.
  const found = new Set(places.open)
  for (const key of read.flat()) addIfThere(found, places.byKey.get(key))
  return found
}

function note(placesOf: Map<string, Places>, { unit, keys }: PlannedStep, place: number) {
  for (const { name } of unit.outputs) {
    const places: Places = placesOf.get(name) ?? { unit, byKey: new Map(), open: [], all: [] }
    placesOf.set(name, places)
    places.all.push(place)
    if (keys) for (const key of keys) places.byKey.set(key, place)
    else places.open.push(place)
  }
}

function addIfThere(set: Set<number>, value: number | undefined) {
  if (value !== undefined) set.add(value)
}

/** Writes a plan down as a run; its first steps are ready at the commit. */
export async function writePlan(tx: Transaction<AnyDatabase>, plan: Plan): Promise<number> {
  const { steps } = plan
  const edges = edgesOf(steps)
  const { rows } = await sql<{ id: number }>`
    insert into engine.run (kind, request, priority, at_once, resumes, planned_at)
    values (${plan.kind}, ${JSON.stringify(plan.request)}, ${plan.priority}, ${plan.atOnce},
            ${plan.resumes ?? null}, ${plan.now.toISOString()})
    returning id`.execute(tx)
  const run = rows[0]!.id
  const first = await reserveIds(tx, steps.length)
  const pending = Array.from({ length: steps.length }, () => 0)
  for (const down of edges.down) pending[down] = (pending[down] ?? 0) + 1
  // Where only so many may go at once, letGo says which.
  const start = plan.atOnce === null ? 'ready' : 'waiting'
  await sql`
    insert into engine.step
      (id, run, asset, partition, keys, pool, priority, reason, pending, state, ready_at)
    overriding system value
    select ${first} + place - 1, ${run}, asset, partition,
      case when keys is not null
        then array(select jsonb_array_elements_text(keys::jsonb)) end,
      pool, ${plan.priority}, reason, pending,
      case pending when 0 then ${start} else 'blocked' end,
      case pending when 0 then clock_timestamp() end
    from unnest(
      ${steps.map(({ unit }) => unit.name)}::text[], ${steps.map((step) => step.partition)}::text[],
      ${steps.map(({ keys, partition }) => batchOf(keys, partition))}::text[],
      ${steps.map(({ unit }) => leadOf(unit).pool)}::text[],
      ${steps.map(({ reason }) => reason)}::text[], ${pending}::int4[]
    ) with ordinality as planned (asset, partition, keys, pool, reason, pending, place)`.execute(tx)
  if (edges.up.length > 0)
    await sql`
      insert into engine.edge (up, down)
      select ${first} + up, ${first} + down
      from unnest(${edges.up}::int4[], ${edges.down}::int4[]) as edge (up, down)`.execute(tx)
  if (plan.atOnce !== null) await letGo(tx, run)
  return run
}

/** A partition alone is named by the step itself. */
function batchOf(keys: readonly string[] | null, partition: string): string | null {
  if (!keys || (keys.length === 1 && keys[0] === partition)) return null
  return JSON.stringify(keys)
}

/** The first of so many neighbouring step ids, so that edges can be written without reading steps back. */
async function reserveIds(tx: Transaction<AnyDatabase>, count: number): Promise<number> {
  if (count === 0) return 1
  const sequence = sql`pg_get_serial_sequence('engine.step', 'id')`
  // Plans are written one at a time, and nothing else takes ids.
  const { rows } = await sql<{ first: number }>`
    select setval(${sequence}, nextval(${sequence}) + ${count} - 1) - ${count} + 1 as first`.execute(
    tx,
  )
  return rows[0]!.first
}
