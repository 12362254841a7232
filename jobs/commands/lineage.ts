import type { Asset } from '#kit/asset.ts'
import { models } from '#models/models.ts'
import { sources } from '#pipelines/sources.ts'

import { type AssetColumns, columnsOf } from '../lineage/columns.ts'
import { cubesReading } from '../lineage/cubes.ts'
import type { LineageFormat } from '../lineage/formats.ts'
import { around, graphOf, type LineageGraph } from '../lineage/graph.ts'
import { findColumn, findNamed } from '../lineage/names.ts'
import { dot } from '../lineage/show/dot.ts'
import { mermaid } from '../lineage/show/mermaid.ts'
import { columnTable, list, neighbourhood, traceTree } from '../lineage/show/terminal.ts'
import { trace } from '../lineage/trace.ts'
import { json } from '../terminal/formats.ts'
import { UsageError } from '../terminal/mistakes.ts'

export interface LineageOptions {
  format: LineageFormat
  /** Column by column. */
  columns?: boolean
  /** One column, back to the feeds. */
  column?: string
}

/** `recoup lineage [asset]`: what derives from what, of all tables or around one. */
export function lineage(asset: string | undefined, options: LineageOptions): void {
  console.log(lineageText([...sources, ...models], asset, options))
}

function lineageText(
  assets: readonly Asset[],
  asset: string | undefined,
  { format, columns = false, column }: LineageOptions,
): string {
  if (column !== undefined) return columnText(assets, asset, column, format)
  if (columns && (format === 'mermaid' || format === 'dot'))
    throw new UsageError(`--columns is printed as table or json, not as ${format}.`)

  const whole = graphOf(assets, cubesReading(assets.map(({ name }) => name)))
  const name =
    asset &&
    findNamed(
      asset,
      whole.nodes.map((node) => node.name),
    )
  const graph = name ? around(whole, name) : whole
  if (format === 'mermaid') return mermaid(graph)
  if (format === 'dot') return dot(graph)
  if (format === 'json') return json({ ...graph, columns: columnsIn(graph, assets) })
  if (!columns) return name ? neighbourhood(graph, name) : list(graph)
  const shown = columnsIn(graph, assets).filter((each) =>
    name ? each.asset === name : !each.asset.startsWith('raw.'),
  )
  if (shown.length > 0) return shown.map(columnTable).join('\n\n')
  throw new UsageError(`${name} is a cube: its columns are in cube/model. Tables have --columns.`)
}

function columnsIn({ nodes }: LineageGraph, assets: readonly Asset[]): AssetColumns[] {
  const names = new Set(nodes.map(({ name }) => name))
  return assets.filter(({ name }) => names.has(name)).map(columnsOf)
}

function columnText(
  assets: readonly Asset[],
  asset: string | undefined,
  typed: string,
  format: LineageFormat,
): string {
  if (format === 'mermaid' || format === 'dot')
    throw new UsageError(`--column is printed as table or json, not as ${format}.`)
  const names = new Map(assets.map(({ name, contract }) => [name, Object.keys(contract.shape)]))
  const full = asset === undefined || typed.includes('.') ? typed : `${asset}.${typed}`
  const found = findColumn(full, names)
  const tables = new Map(assets.map((each) => [each.name, columnsOf(each)]))
  const traced = trace(`${found.table}.${found.column}`, tables)
  return format === 'json' ? json(traced) : traceTree(traced)
}
