import type { LineageNode } from '../graph.ts'

/** A node as it stands within its schema: without the schema's name. */
interface Member extends LineageNode {
  label: string
}

/** The nodes by the part of their name before the dot. */
export function bySchema(nodes: readonly LineageNode[]): Map<string, Member[]> {
  const members = nodes.map((node) => ({ ...node, label: node.name.replace(/^\w+\./, '') }))
  return Map.groupBy(members, ({ name }) => name.split('.')[0]!)
}
