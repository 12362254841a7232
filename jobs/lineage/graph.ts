import type { Asset } from '#kit/asset.ts'

import { inOrder, readsOf } from '../engine/graph.ts'
import type { Cube } from './cubes.ts'

/** Something that data goes through. */
export interface LineageNode {
  name: string
  /** source: a feed; model: a query; computed: code; cube: what KPIs and BI tools are served from. */
  kind: Asset['kind'] | 'cube'
  description: string
  /** The columns that make a row unique. */
  grain: readonly string[]
  /** The columns that divide it, each with its periods or values. */
  partitions: Readonly<Record<string, string>>
}

/** `to` reads `from`. */
export interface LineageEdge {
  from: string
  to: string
}

/** What derives from what; each node stands after all that it reads. */
export interface LineageGraph {
  nodes: LineageNode[]
  edges: LineageEdge[]
}

export function graphOf(assets: readonly Asset[], cubes: readonly Cube[]): LineageGraph {
  const ordered = inOrder(assets)
  return {
    nodes: [...ordered.map(nodeOf), ...cubes.map(cubeNode)],
    edges: [
      ...ordered.flatMap((asset) => readsOf(asset).map((from) => ({ from, to: asset.name }))),
      ...cubes.flatMap(({ name, reads }) => reads.map((from) => ({ from, to: name }))),
    ],
  }
}

/** A node with everything it derives from and everything that derives from it. */
export function around({ nodes, edges }: LineageGraph, name: string): LineageGraph {
  const kept = new Set([...reached(edges, name, 'up'), ...reached(edges, name, 'down')])
  return {
    nodes: nodes.filter((node) => kept.has(node.name)),
    edges: edges.filter(({ from, to }) => kept.has(from) && kept.has(to)),
  }
}

/** What a node reads (up), or what reads it (down). */
export function next(
  edges: readonly LineageEdge[],
  name: string,
  direction: 'up' | 'down',
): string[] {
  const [here, there] = direction === 'up' ? (['to', 'from'] as const) : (['from', 'to'] as const)
  return edges.filter((edge) => edge[here] === name).map((edge) => edge[there])
}

function reached(
  edges: readonly LineageEdge[],
  name: string,
  direction: 'up' | 'down',
  found = new Set<string>(),
): Set<string> {
  if (found.has(name)) return found
  found.add(name)
  for (const neighbour of next(edges, name, direction)) reached(edges, neighbour, direction, found)
  return found
}

function nodeOf({ name, kind, description, grain, partitionedBy }: Asset): LineageNode {
  const partitions = Object.entries(partitionedBy ?? {}).map(([column, dimension]) => [
    column,
    dimension.kind === 'fixed'
      ? dimension.values.join(', ')
      : `${dimension.unit}, ${dimension.zone}`,
  ])
  return { name, kind, description, grain, partitions: Object.fromEntries(partitions) }
}

function cubeNode({ name, description }: Cube): LineageNode {
  return { name, kind: 'cube', description, grain: [], partitions: {} }
}
