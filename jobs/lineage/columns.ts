import type { Asset, Readable } from '#kit/asset.ts'
import { whole } from '#kit/partitions/slice.ts'

import { compileOnly } from '../engine/compile-only.ts'
import { column, type How, nowhere, oneOf, type Origin, unresolved } from './origin.ts'
import type { Columns, Reading } from './scope.ts'
import { outputsOf } from './select.ts'

/** A column of a table, and which columns of the tables it reads its value comes from. */
export interface ColumnLineage {
  name: string
  /** Columns such as `raw.fee.currency`; none for a constant or a count of rows. */
  from: { column: string; how: How }[]
  /** approximate: there may be fewer columns than it says; unresolved: there may be others. */
  certainty: 'exact' | 'approximate' | 'unresolved'
  /** Why it is not exact. */
  because: string | null
}

/** A table's columns with what they come from, and what decides which rows there are. */
export interface AssetColumns {
  asset: string
  columns: ColumnLineage[]
  /** Columns by which rows are joined, filtered, grouped or ordered. */
  conditions: string[]
  /** Why there may be other conditions, too. */
  conditionsBecause: string | null
  /** Columns that a query within the query selects, and nothing uses. */
  idle: string[]
}

/** The lineage of a table's columns, as its query has it. A feed's columns come from outside. */
export function columnsOf(asset: Asset): AssetColumns {
  const names = Object.keys(asset.contract.shape)
  const { outputs, conditions, touched } = asset.kind === 'model' ? read(asset) : nothingRead
  const byCode = asset.kind === 'computed' ? unresolved('filled by code') : nowhere
  const origins = names.map((name) => (asset.kind === 'model' ? outputOf(outputs, name) : byCode))
  const used = new Set([...origins, conditions].flatMap(({ from }) => [...from.keys()]))
  return {
    asset: asset.name,
    columns: origins.map((origin, index) => lineageOf(names[index]!, origin)),
    conditions: [...conditions.from.keys()].sort(),
    conditionsBecause: reasonOf(conditions),
    idle: [...touched].filter((name) => !used.has(name)).sort(),
  }
}

const nothingRead = {
  outputs: { known: new Map(), others: nowhere } satisfies Columns,
  conditions: nowhere,
  touched: new Set<string>(),
}

function read({ query, reads }: Extract<Asset, { kind: 'model' }>) {
  const conditions: Origin[] = []
  const touched = new Set<string>()
  const reading: Reading = {
    tables: new Map(reads.map((table) => [table.name, tableColumns(table)])),
    conditions,
    touched,
    outputs: (node, scope) => outputsOf(node, scope, reading),
  }
  const outputs = outputsOf(query(compileOnly, whole).toOperationNode(), null, reading)
  return { outputs, conditions: oneOf(conditions), touched }
}

function tableColumns({ name, contract }: Readable): Columns {
  const columns = Object.keys(contract.shape)
  return { known: new Map(columns.map((each) => [each, column(`${name}.${each}`)])), others: null }
}

function outputOf({ known, others }: Columns, name: string): Origin {
  return known.get(name) ?? others ?? unresolved('the query selects no such column')
}

function lineageOf(name: string, origin: Origin): ColumnLineage {
  const from = [...origin.from].map(([each, how]) => ({ column: each, how }))
  const certainty =
    origin.unresolved.length > 0
      ? 'unresolved'
      : origin.approximate.length > 0
        ? 'approximate'
        : 'exact'
  return {
    name,
    from: from.sort((a, b) => a.column.localeCompare(b.column)),
    certainty,
    because: reasonOf(origin),
  }
}

function reasonOf(origin: Origin): string | null {
  return [...origin.unresolved, ...origin.approximate].join('; ') || null
}
