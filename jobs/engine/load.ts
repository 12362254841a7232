import type { Kysely } from 'kysely'
import type { PoolClient } from 'pg'

import type { AnyDatabase, Asset, Computed } from '#kit/asset.ts'

import { codeVersion } from './code-version.ts'
import { FinalError } from './errors.ts'
import { fillAll, fillSlices } from './fill.ts'
import type { Unit } from './graph.ts'
import type { FetchContext, Intake, Loaded } from './intake.ts'
import type { Part } from './part.ts'
import type { Materialized } from './settle.ts'
import { rowsByPartition } from './slice-filter.ts'
import type { StepLog } from './step-log.ts'

export type StepContext = FetchContext & { log: StepLog }

/** The slow parts of a unit's assets, each slice by slice. */
export async function fetchAll(
  intake: Intake,
  unit: Unit,
  { slices }: Part,
  context: StepContext,
): Promise<unknown[][]> {
  const fetched: unknown[][] = []
  for (const asset of unit.outputs) {
    const of: unknown[] = []
    if (asset.kind === 'source') of.push(await intake.fetch(asset, context))
    if (asset.kind === 'computed' && asset.extract)
      for (const slice of slices) of.push(await asset.extract(context.db, { ...context, slice }))
    fetched.push(of)
  }
  return fetched
}

/** What a load runs in and with. */
interface Load {
  tx: Kysely<AnyDatabase>
  client: PoolClient
  intake: Intake
  /** What was fetched for the asset. */
  fetched: readonly unknown[]
  context: StepContext
}

/** Brings a part of an asset's table up to date; the result is the record of it, by partition. */
export async function loadAsset(asset: Asset, part: Part, load: Load): Promise<Materialized[]> {
  const { tx, client, intake, fetched } = load
  const code = { asset: asset.name, codeVersion: codeVersion(asset) }
  if (asset.kind === 'source') {
    const { touched = [], ...loaded } = await intake.publish(tx, asset, fetched[0], { client })
    const parts = touched.map((partition) => ({ partition, rows: 0, changed: true, metadata: {} }))
    return [{ partition: '', ...loaded }, ...parts].map((each) => ({ ...code, ...each }))
  }
  const { slices, isAll } = part
  const loaded =
    asset.kind === 'computed'
      ? await compute(asset, part, load)
      : filled(await (isAll ? fillAll(tx, asset, slices) : fillSlices(tx, asset, slices)))
  const keys = slices.flatMap((slice) => slice.keys)
  if (keys.length <= 1) return [{ ...code, partition: keys[0] ?? '', ...loaded }]
  const rows = await rowsByPartition(tx, asset, isAll ? [] : slices)
  if (asset.kind === 'model') requireInside(asset, loaded.rows, keys, rows)
  const { changed } = loaded
  return keys.map((partition) => {
    return { ...code, partition, rows: rows.get(partition) ?? 0, changed, metadata: {} }
  })
}

const filled = (rows: number): Loaded => ({ rows, changed: true, metadata: {} })

async function compute(
  asset: Computed,
  { slices }: Part,
  { tx, fetched, context }: Load,
): Promise<Loaded> {
  const total = { rows: 0, changed: false, metadata: {} }
  for (const [place, slice] of slices.entries()) {
    const done = await asset.load(tx, fetched[place], { ...context, slice })
    total.rows += done.rows
    total.changed ||= done.changed ?? true
    Object.assign(total.metadata, done.metadata)
  }
  return total
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
  let inside = 0
  for (const key of keys) inside += rows.get(key) ?? 0
  if (outside === undefined && inside === total) return
  throw new FinalError(
    `${asset.name} has ${(total - inside).toLocaleString('en')} rows that are in none of its ` +
      `partitions ${keys[0]} to ${keys.at(-1)}${outside ? `, such as ${outside}` : ''}. ` +
      'Let its partitions be those of what it reads (a mapping), or leave the rows out of its query.',
  )
}
