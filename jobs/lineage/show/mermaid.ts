import type { LineageGraph } from '../graph.ts'
import { bySchema } from './schemas.ts'

/** A Mermaid flowchart, a subgraph for each schema. */
export function mermaid({ nodes, edges }: LineageGraph): string {
  const ids = new Map(nodes.map(({ name }, index) => [name, `n${index}`]))
  const schemas = [...bySchema(nodes)].flatMap(([schema, members]) => [
    `  subgraph ${schema}_schema["${quoted(schema)}"]`,
    ...members.map(({ name, label, kind }) => {
      const [open, close] = shapes[kind]
      return `    ${ids.get(name)}${open}"${quoted(label)}"${close}`
    }),
    '  end',
  ])
  const arrows = edges.map(({ from, to }) => `  ${ids.get(from)} --> ${ids.get(to)}`)
  return ['flowchart LR', ...schemas, ...arrows].join('\n')
}

const shapes = {
  source: ['[(', ')]'],
  model: ['[', ']'],
  computed: ['[[', ']]'],
  cube: ['([', '])'],
} as const

function quoted(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
