import { crc32 } from 'node:zlib'

import type { Kysely } from 'kysely'
import type { Pool, PoolClient } from 'pg'

import type { AnyDatabase, Asset, Computed, Model, Source } from '#kit/asset.ts'
import { type Slice, whole } from '#kit/partitions/slice.ts'
import { slicesOf } from '#kit/partitions/slices.ts'
import { locks } from '#jobs/postgres/locks.ts'

import { judge, type Verdict } from './checks.ts'
import type { ClaimedStep } from './claim.ts'
import { codeVersion } from './code-version.ts'
import { FinalError } from './errors.ts'
import { fillAll, fillSlices } from './fill.ts'
import { leadOf, type Unit } from './graph.ts'
import { obeying } from './obeying.ts'
import { newestOf } from './partition-states.ts'
import { type Progress, progressOf } from './progress.ts'
import type { Ready } from './ready.ts'
import { recordChecks } from './record.ts'
import { type Materialized, settleDone } from './settle.ts'
import { rowsByPartition } from './slice-filter.ts'
import { expectedOf, lookAround, staleKeys } from './stale.ts'
import type { StepLog } from './step-log.ts'
import { inTransaction } from './transaction.ts'

/** What a load is given besides its transaction. */
export interface LoadContext {
  /** The connection the transaction runs on. */
  client: PoolClient
}

/** What the slow part of a load is given. */
export interface FetchContext {
  db: Kysely<AnyDatabase>
  /** For work that is committed whether or not the step is. */
  pool: Pool
  /** Aborted when the run is cancelled, the time is up or the worker closes: stop soon. */
  signal: AbortSignal
  progress: Progress
}

/** What a load did to its table. */
export interface Loaded {
  /** Rows read or written, as the asset counts them. */
  rows: number
  /** False if the table is as it was before: then nothing derived from it need run. */
  changed: boolean
  metadata: object
  /** Of a partitioned source: the partitions that have new or other rows. */
  touched?: readonly string[]
}

/** How feeds come in: what came is fetched and loaded, then published in the step's transaction. */
export interface Intake {
  fetch(source: Source, context: FetchContext): Promise<unknown>
  publish(
    tx: Kysely<AnyDatabase>,
    source: Source,
    // What fetch gave.
    // oxlint-disable-next-line typescript/no-explicit-any
    fetched: any,
    context: LoadContext,
  ): Promise<Loaded>
}

/** What a step needs to run. */
export interface Workshop {
  db: Kysely<AnyDatabase>
  pool: Pool
  units: ReadonlyMap<string, Unit>
  byName: ReadonlyMap<string, Asset>
  intake: Intake
}

/**
 * Materializes a claimed step's unit. What is slow comes first, outside any transaction; load, checks,
 * record and the children's count are one transaction, which only commits if the attempt still owns
 * the step. However often a step starts, it takes effect once. The result is what may start now.
 */
export async function runStep(
  workshop: Workshop,
  step: ClaimedStep,
  signal: AbortSignal,
  log: StepLog,
): Promise<Ready[]> {
  const { db, pool, units } = workshop
  const unit = units.get(step.asset)
  if (!unit)
    throw new FinalError(
      `${step.asset} is in run ${step.run}, but no longer among the assets. ` +
        'It was planned by another version of the code; start a new run.',
    )
  const progress = progressOf(db, step)
  try {
    const reads = await newestOf(
      db,
      unit.reads.map(({ name }) => name),
    )
    const part = await partOf(workshop, unit, step)
    const context = { db, pool, signal, progress: progress.report, log }
    const fetched =
      part.slices.length > 0 ? await obeying(signal, fetchAll(workshop, unit, part, context)) : []
    return await inTransaction(
      pool,
      signal,
      async ({ tx, client }) => {
        const materialized: Materialized[] = []
        const verdicts: Verdict[] = []
        if (part.slices.length > 0)
          for (const [place, asset] of unit.outputs.entries()) {
            const load = { tx, client, fetched: fetched[place] ?? [], context }
            const done = await loadOne(workshop, asset, part, load)
            materialized.push(...done)
            if (done.some(({ changed }) => changed))
              verdicts.push(...(await judge(tx, asset, part.covering)))
          }
        signal.throwIfAborted()
        await recordChecks(tx, step, verdicts)
        return await settleDone(client, step, { materialized, reads })
      },
      locksOn(unit, step),
    )
  } finally {
    await progress.end()
  }
}

/** Which part of its tables a step materializes. */
interface Part {
  /** None: nothing is stale. One without keys: the whole. */
  slices: readonly Slice[]
  /** One slice around them all. */
  covering: Slice
  /** Whether there is nothing in the tables besides. */
  isAll: boolean
}

async function partOf({ db, byName }: Workshop, unit: Unit, step: ClaimedStep): Promise<Part> {
  const { partitionedBy, kind } = leadOf(unit)
  if (!partitionedBy || kind === 'source') return { slices: [whole], covering: whole, isAll: true }
  const given = step.keys ?? (step.partition === '' ? null : [step.partition])
  if (given) {
    const slices = slicesOf(partitionedBy, given)
    return { slices, covering: slices.length === 1 ? slices[0]! : whole, isAll: false }
  }
  const around = await lookAround(db, [unit], { byName, now: new Date(step.plannedAt) })
  const keys = [...staleKeys(unit, around).keys()]
  const wanted = new Set(keys)
  const isLeft = (key: string) => key !== '' && !wanted.has(key)
  const isAll =
    keys.length === expectedOf(unit, partitionedBy, around).length &&
    ![...(around.states.get(leadOf(unit).name)?.keys() ?? [])].some(isLeft)
  const slices = slicesOf(partitionedBy, keys)
  return { slices, covering: slices.length === 1 ? slices[0]! : whole, isAll }
}

type StepContext = FetchContext & { log: StepLog }

/** The slow parts of a unit's assets, slice by slice. */
async function fetchAll(
  { db, intake }: Workshop,
  unit: Unit,
  { slices }: Part,
  context: StepContext,
): Promise<unknown[][]> {
  const fetched: unknown[][] = []
  for (const asset of unit.outputs) {
    const of: unknown[] = []
    if (asset.kind === 'source') of.push(await intake.fetch(asset, context))
    if (asset.kind === 'computed' && asset.extract)
      for (const slice of slices) of.push(await asset.extract(db, { ...context, slice }))
    fetched.push(of)
  }
  return fetched
}

interface Load {
  tx: Kysely<AnyDatabase>
  client: PoolClient
  fetched: readonly unknown[]
  context: StepContext
}

async function loadOne(
  { intake }: Workshop,
  asset: Asset,
  part: Part,
  load: Load,
): Promise<Materialized[]> {
  const { tx, client, fetched } = load
  const code = { asset: asset.name, codeVersion: codeVersion(asset) }
  if (asset.kind === 'source') {
    const { touched = [], ...loaded } = await intake.publish(tx, asset, fetched[0], { client })
    const parts = touched.map((partition) => ({ partition, rows: 0, changed: true, metadata: {} }))
    return [{ partition: '', ...loaded }, ...parts].map((each) => ({ ...code, ...each }))
  }
  const loads =
    asset.kind === 'model' ? await fill(tx, asset, part) : await compute(asset, part, load)
  const keys = part.slices.flatMap((slice) => slice.keys)
  if (keys.length <= 1) return loads.map((each) => ({ ...code, partition: keys[0] ?? '', ...each }))
  const total = loads.reduce((sum, { rows }) => sum + rows, 0)
  const rows = await rowsByPartition(tx, asset, part.isAll ? [] : part.slices)
  requireInside(asset, total, keys, rows)
  const changed = loads.some((each) => each.changed)
  return keys.map((partition) => ({
    ...code,
    partition,
    rows: rows.get(partition) ?? 0,
    changed,
    metadata: {},
  }))
}

async function fill(
  tx: Kysely<AnyDatabase>,
  model: Model,
  { slices, isAll }: Part,
): Promise<Loaded[]> {
  const rows = await (isAll ? fillAll(tx, model, slices) : fillSlices(tx, model, slices))
  return [{ rows, changed: true, metadata: {} }]
}

async function compute(
  asset: Computed,
  { slices }: Part,
  { tx, fetched, context }: Load,
): Promise<Loaded[]> {
  const loads: Loaded[] = []
  for (const [place, slice] of slices.entries()) {
    const {
      rows,
      changed = true,
      metadata = {},
    } = await asset.load(tx, fetched[place], {
      ...context,
      slice,
    })
    loads.push({ rows, changed, metadata })
  }
  return loads
}

/** Rows of no expected partition would be in the table and in no one's care, or missing from it. */
function requireInside(
  asset: Asset,
  total: number,
  keys: readonly string[],
  rows: ReadonlyMap<string, number>,
): void {
  const expected = new Set(keys)
  const outside = [...rows.keys()].find((key) => !expected.has(key))
  const inside = [...rows.values()].reduce((sum, each) => sum + each, 0)
  if (outside === undefined && (asset.kind !== 'model' || inside === total)) return
  throw new FinalError(
    `${asset.name} has ${(total - inside).toLocaleString('en')} rows that are in none of its ` +
      `partitions ${keys[0]} to ${keys.at(-1)}${outside ? `, such as ${outside}` : ''}. ` +
      `Let its partitionedBy begin earlier, or leave these rows out of its query.`,
  )
}

/**
 * Two runs, or an attempt and its forerunner that is not yet gone, never load the same rows together:
 * single partitions share their unit and have themselves alone; all else has the unit alone.
 */
function locksOn({ name }: Unit, { partition, keys }: ClaimedStep): string {
  const lock = (how: string, word: string) =>
    `select pg_advisory_xact_lock${how}(${locks.load}, ${crc32(word) | 0})`
  const isAlone = partition === '' || keys !== null
  if (isAlone) return lock('', name)
  return `${lock('_shared', name)}; ${lock('', `${name}/${partition}`)}`
}
