import { bold, faint, notable } from '../../terminal/colour.ts'
import { indent, table } from '../../terminal/table.ts'
import type { AssetColumns, ColumnLineage } from '../columns.ts'
import { type LineageGraph, type LineageNode, next } from '../graph.ts'
import type { Trace } from '../trace.ts'
import { drawn, type Tree } from './tree.ts'

/** All nodes, one a line, each after what it reads. */
export function list({ nodes, edges }: LineageGraph): string {
  const rows = nodes.map(({ name, kind }) => [
    bold(name),
    kind,
    next(edges, name, 'up').join(', ') || faint('-'),
  ])
  return table([{ title: 'Table' }, { title: 'Kind' }, { title: 'Reads', width: 70 }], rows)
}

/** One node: what it is, what it derives from and what derives from it. */
export function neighbourhood(graph: LineageGraph, name: string): string {
  const node = graph.nodes.find((each) => each.name === name)!
  return [
    `${bold(name)}  ${faint(node.kind)}\n${indent(factsOf(node).join('\n'))}`,
    branch('Derives from', graph, name, 'up'),
    branch('Goes into', graph, name, 'down'),
  ].join('\n\n')
}

function factsOf({ description, grain, partitions }: LineageNode): string[] {
  const divided = Object.entries(partitions).map(([column, periods]) => `${column} (${periods})`)
  return [
    description,
    ...(grain.length > 0 ? [`One row: ${grain.join(', ')}`] : []),
    ...(divided.length > 0 ? [`Partitions: ${divided.join(', ')}`] : []),
  ]
}

function branch(title: string, graph: LineageGraph, name: string, direction: 'up' | 'down') {
  const kinds = new Map(graph.nodes.map((node) => [node.name, node.kind]))
  const seen = new Set<string>()
  const follow = (each: string): Tree => {
    const further = next(graph.edges, each, direction)
    const isAbove = seen.has(each) && further.length > 0
    seen.add(each)
    const note = isAbove ? 'see above' : kinds.get(each) === 'model' ? '' : kinds.get(each)
    return {
      line: note ? `${each}  ${faint(note)}` : each,
      below: isAbove ? [] : further.map(follow),
    }
  }
  const below = next(graph.edges, name, direction).map(follow)
  return below.length === 0 ? `${bold(title)}  nothing` : drawn({ line: bold(title), below })
}

/** Where each column of a table comes from, and what decides which rows there are. */
export function columnTable({ asset, columns, conditions, conditionsBecause }: AssetColumns) {
  const rows = columns.map((column) => [
    bold(column.name),
    column.from.map((from) => from.column).join('\n') || faint(originless(asset, column)),
    [column.from.map(({ how }) => how).join('\n'), doubtOf(column)].filter(Boolean).join('\n'),
  ])
  const grid = table([{ title: asset }, { title: 'Comes from' }, { title: 'How' }], rows)
  const doubt = conditionsBecause
    ? notable(`\n  not all of them are known: ${conditionsBecause}`)
    : ''
  if (conditions.length === 0) return `${grid}${doubt}`
  return `${grid}\n\n${bold('Rows are joined, filtered, grouped or ordered by')}${doubt}\n${indent(conditions.join('\n'))}`
}

function originless(asset: string, { certainty }: ColumnLineage): string {
  if (asset.startsWith('raw.')) return 'the feed'
  return certainty === 'unresolved' ? '?' : 'no column'
}

function doubtOf({ certainty, because }: Pick<ColumnLineage, 'certainty' | 'because'>): string {
  return certainty === 'exact' ? '' : notable(`${certainty}: ${because}`)
}

/** A column back to the feeds, as a tree; conditions of a table stand where it first comes up. */
export function traceTree(root: Trace): string {
  const shown = new Set<string>()
  const treeOf = (at: Trace): Tree => {
    const owner = at.column.slice(0, at.column.lastIndexOf('.'))
    const isNew = !shown.has(owner)
    shown.add(owner)
    const rows = at.conditions.map((line) => ({ line: faint(line), below: [] }))
    const by = { line: faint(`rows of ${owner} also depend on`), below: rows }
    return {
      line: lineOf(at),
      below: [...at.from.map(treeOf), ...(isNew && rows.length > 0 ? [by] : [])],
    }
  }
  return drawn(treeOf(root))
}

function lineOf(at: Trace): string {
  const notes = [at.how ?? '', at.isAbove ? 'see above' : ''].filter(Boolean).join(', ')
  const name = at.how === null ? bold(at.column) : at.column
  return [name, faint(notes), doubtOf(at)].filter(Boolean).join('  ')
}
