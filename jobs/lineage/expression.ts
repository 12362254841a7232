import {
  AliasNode,
  ColumnNode,
  type OperationNode,
  ParensNode,
  RawNode,
  ReferenceNode,
  SelectAllNode,
  SelectQueryNode,
  TableNode,
} from 'kysely'

import { approximately, computedFrom, nowhere, type Origin, unresolved } from './origin.ts'
import { readRaw } from './raw-sql.ts'
import { allOf, everyColumn, lookUp, type Reading, resolve, type Scope, touch } from './scope.ts'

/** Kinds of nodes that hold no column. */
const plain = [
  'ValueNode',
  'PrimitiveValueListNode',
  'DataTypeNode',
  'OperatorNode',
  'SelectAllNode',
]

/** Kinds of nodes that are worked out of what they hold, and of nothing else. */
const composite = [
  'AggregateFunctionNode',
  'AndNode',
  'BinaryOperationNode',
  'CaseNode',
  'CastNode',
  'CollateNode',
  'FunctionNode',
  'GroupByItemNode',
  'GroupByNode',
  'HavingNode',
  'JSONOperatorChainNode',
  'JSONPathLegNode',
  'JSONPathNode',
  'JSONReferenceNode',
  'LimitNode',
  'ListNode',
  'OffsetNode',
  'OnNode',
  'OrNode',
  'OrderByItemNode',
  'OrderByNode',
  'OverNode',
  'PartitionByItemNode',
  'PartitionByNode',
  'SelectionNode',
  'TupleNode',
  'UnaryOperationNode',
  'ValueListNode',
  'WhenNode',
  'WhereNode',
]

/** Which columns the value of an expression comes from. All that it looks at counts, filters too. */
export function originOf(node: OperationNode, scope: Scope, reading: Reading): Origin {
  const inside = (inner: OperationNode) => originOf(inner, scope, reading)
  if (ReferenceNode.is(node)) return originOfReference(node, scope, reading)
  if (ColumnNode.is(node)) return resolve(scope, reading, node.column.name)
  if (RawNode.is(node)) return originOfRaw(node, scope, reading)
  if (SelectQueryNode.is(node)) return computedFrom(allOf(reading.outputs(node, scope)))
  if (plain.includes(node.kind)) return nowhere
  if (ParensNode.is(node) || AliasNode.is(node)) return inside(node.node)
  if (composite.includes(node.kind)) return computedFrom(childrenOf(node).map(inside))
  return unresolved(`what a ${node.kind} does with columns is not known`)
}

function originOfReference(
  { column, table }: ReferenceNode,
  scope: Scope,
  reading: Reading,
): Origin {
  const name = table && nameOf(table)
  if (!SelectAllNode.is(column)) return resolve(scope, reading, column.column.name, name)
  const row = computedFrom(allOf(everyColumn(scope, reading, name)))
  return approximately(row, 'it takes a whole row')
}

/** Raw SQL comes from its references, and from what its text names. */
function originOfRaw(node: RawNode, scope: Scope, reading: Reading): Origin {
  const { parts, names, isOnePart, unreadable } = readRaw(node)
  const origins = parts.map((part) => originOf(part, scope, reading))
  const [only] = origins
  if (isOnePart && only) return only
  for (const name of names) {
    const [column = '', table] = name.split('.').toReversed()
    const found = lookUp(scope, column, table)
    origins.push(
      found
        ? approximately(touch(found, reading), `raw SQL names "${name}"`)
        : unresolved(`raw SQL names "${name}", which is no column here`),
    )
  }
  if (unreadable !== null) origins.push(unresolved(unreadable))
  return computedFrom(origins)
}

/** The name of a table as references use it: `mart.fact_fee`, or an alias. */
export function nameOf({ table: { schema, identifier } }: TableNode): string {
  return schema ? `${schema.name}.${identifier.name}` : identifier.name
}

function childrenOf(node: OperationNode): OperationNode[] {
  return Object.values(node)
    .flat()
    .filter((value: unknown): value is OperationNode => isNode(value))
}

function isNode(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value
}
