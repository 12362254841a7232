import {
  AliasNode,
  ColumnNode,
  IdentifierNode,
  type Kysely,
  type OperationNode,
  ReferenceNode,
  SelectQueryNode,
  sql,
} from 'kysely'

import type { AnyDatabase, Asset, Check, RowsQuery } from '#kit/asset.ts'
import type { Slice } from '#kit/partitions/slice.ts'

import { FinalError } from './errors.ts'
import { sliceFilter } from './slice-filter.ts'

const sampleSize = 5

/** How one check came out: how many rows break it, and the first of them. */
export interface Verdict {
  asset: string
  check: Check<AnyDatabase>
  broken: number
  sample: object[]
}

/** Rows break a check of severity error, so the load is rolled back. */
export class CheckFailed extends FinalError {
  readonly verdicts: readonly Verdict[]

  constructor(verdicts: readonly Verdict[]) {
    const failed = verdicts.filter(({ check, broken }) => broken > 0 && check.severity === 'error')
    super(failed.map(sentence).join('\n'))
    this.verdicts = verdicts
  }
}

/** Runs all checks on the rows as loaded; throws if one of severity error is broken. */
export async function judge(
  tx: Kysely<AnyDatabase>,
  asset: Asset,
  slice: Slice,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  for (const check of asset.checks) verdicts.push(await run(tx, asset, check, slice))
  const mustHold = verdicts.filter(({ check }) => check.severity === 'error')
  if (mustHold.some(({ broken }) => broken > 0)) throw new CheckFailed(verdicts)
  return verdicts
}

async function run(
  tx: Kysely<AnyDatabase>,
  asset: Asset,
  check: Check<AnyDatabase>,
  slice: Slice,
): Promise<Verdict> {
  const query = check.broken(tx, slice)
  const isNarrowed = hasColumns(query, Object.keys(asset.partitionedBy ?? {}))
  const where = isNarrowed ? sliceFilter(asset, slice) : sql`true`
  const brokenRows = sql`(${query}) as broken where ${where}`
  const { rows: sample } = await sql<object>`
    select * from ${brokenRows} limit ${sampleSize}`.execute(tx)
  const verdict = { asset: asset.name, check, sample }
  if (sample.length < sampleSize) return { ...verdict, broken: sample.length }
  const { rows } = await sql<{ rows: number }>`
    select count(*) as rows from ${brokenRows}`.execute(tx)
  return { ...verdict, broken: rows[0]?.rows ?? sample.length }
}

/** Whether a query certainly yields the columns named; of one in raw SQL nobody knows. */
export function hasColumns(query: RowsQuery<object>, names: readonly string[]): boolean {
  const node = query.toOperationNode()
  if (!SelectQueryNode.is(node)) return false
  const yielded = new Set(node.selections?.map(({ selection }) => nameOf(selection)))
  return names.every((name) => yielded.has(name))
}

function nameOf(selection: OperationNode): string | undefined {
  if (AliasNode.is(selection) && IdentifierNode.is(selection.alias)) return selection.alias.name
  if (ReferenceNode.is(selection) && ColumnNode.is(selection.column))
    return selection.column.column.name
  return undefined
}

function sentence({ asset, check, broken, sample }: Verdict): string {
  return (
    `${asset}: ${broken.toLocaleString('en')} row${broken === 1 ? ' breaks' : 's break'} ` +
    `the rule "${check.name}" (${check.because}). First: ${JSON.stringify(sample[0])}. ` +
    'The load was rolled back and the earlier rows stay.'
  )
}
