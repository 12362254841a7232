import type { LineageGraph } from '../graph.ts'
import { bySchema } from './schemas.ts'

/** A Graphviz graph, a cluster for each schema. */
export function dot({ nodes, edges }: LineageGraph): string {
  const clusters = [...bySchema(nodes)].flatMap(([schema, members]) => [
    `  subgraph ${quoted(`cluster_${schema}`)} {`,
    `    label=${quoted(schema)};`,
    ...members.map(
      ({ name, label, kind }) =>
        `    ${quoted(name)} [label=${quoted(label)}, shape=${shapes[kind]}];`,
    ),
    '  }',
  ])
  const arrows = edges.map(({ from, to }) => `  ${quoted(from)} -> ${quoted(to)};`)
  return ['digraph lineage {', '  rankdir=LR;', ...clusters, ...arrows, '}'].join('\n')
}

const shapes = { source: 'cylinder', model: 'box', computed: 'component', cube: 'oval' } as const

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
