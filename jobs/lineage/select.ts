import {
  AliasNode,
  ColumnNode,
  IdentifierNode,
  type OperationNode,
  type OrderByNode,
  RawNode,
  ReferenceNode,
  SelectAllNode,
  SelectQueryNode,
  type SetOperationNode,
  ValueNode,
} from 'kysely'

import { nameOf, originOf } from './expression.ts'
import { oneOf, type Origin, unresolved } from './origin.ts'
import { relationOf, renamed } from './relation.ts'
import { allOf, type Columns, everyColumn, innerScope, type Reading, type Scope } from './scope.ts'

/** The clauses that are read; a query with another is not understood. */
const clauses = new Set(
  (
    'kind with selections distinctOn frontModifiers from joins where groupBy having setOperations ' +
    'orderBy limit offset'
  ).split(' '),
)

/** What a query yields: its columns, each with where it comes from. What decides the rows is noted. */
export function outputsOf(node: OperationNode, outer: Scope | null, reading: Reading): Columns {
  if (!SelectQueryNode.is(node)) return unknown(`a ${node.kind} is no select`)
  const strange = Object.entries(node).find(([key, value]) => value && !clauses.has(key))
  if (strange) return unknown(`what the clause ${strange[0]} does is not known`)

  const scope = innerScope(outer)
  nameCommonTables(node, scope, reading)
  for (const from of node.from?.froms ?? []) scope.relations.push(relationOf(from, scope, reading))
  for (const { joinType, table } of node.joins ?? [])
    scope.relations.push(relationOf(table, scope, reading, joinType.startsWith('Lateral')))

  const own = selected(node, scope, reading)
  reading.conditions.push(...decisions(node, own, scope, reading))
  const outputs = (node.setOperations ?? []).reduce(
    (left, operation) => combined(left, operation, scope, reading),
    own,
  )
  if (node.orderBy) reading.conditions.push(...ordering(node.orderBy, outputs, scope, reading))
  return outputs
}

function nameCommonTables({ with: clause }: SelectQueryNode, scope: Scope, reading: Reading) {
  for (const { name, expression } of clause?.expressions ?? []) {
    const columns = clause?.recursive
      ? unknown('a recursive query is not followed')
      : outputsOf(expression, scope, reading)
    const names = name.columns?.map(({ column }) => column.name)
    scope.named.set(nameOf(name.table), renamed(columns, names))
  }
}

function selected({ selections = [] }: SelectQueryNode, scope: Scope, reading: Reading): Columns {
  const known = new Map<string, Origin>()
  let others: Origin | null = null
  for (const { selection } of selections) {
    const all = everythingOf(selection, scope, reading)
    for (const [name, origin] of all?.known ?? []) known.set(name, origin)
    others ??= all?.others ?? null
    if (!all) known.set(outputName(selection), originOf(selection, scope, reading))
  }
  return { known, others }
}

/** What `*` or `e.*` stands for; undefined for anything else. */
function everythingOf(node: OperationNode, scope: Scope, reading: Reading): Columns | undefined {
  if (SelectAllNode.is(node)) return everyColumn(scope, reading)
  if (!ReferenceNode.is(node) || !SelectAllNode.is(node.column)) return undefined
  return everyColumn(scope, reading, node.table && nameOf(node.table))
}

function outputName(node: OperationNode): string {
  if (AliasNode.is(node) && IdentifierNode.is(node.alias)) return node.alias.name
  if (ReferenceNode.is(node)) return outputName(node.column)
  return ColumnNode.is(node) ? node.column.name : '?column?'
}

/** What decides which rows a query yields. */
function decisions(node: SelectQueryNode, own: Columns, scope: Scope, reading: Reading): Origin[] {
  const filters = [
    ...(node.joins ?? []).flatMap(({ on }) => on ?? []),
    ...[node.where, node.having, node.limit, node.offset].flatMap((at) => at ?? []),
  ]
  const keys = [
    ...(node.groupBy?.items ?? []).map(({ groupBy }) => groupBy),
    ...(node.distinctOn ?? []),
  ]
  const origins = [
    ...filters.map((at) => originOf(at, scope, reading)),
    ...keys.map((key) => numbered(key, own) ?? originOf(key, scope, reading)),
  ]
  for (const { modifier } of node.frontModifiers ?? [])
    if (modifier === 'Distinct') origins.push(...allOf(own))
    else origins.push(unresolved(`what the modifier ${modifier ?? 'in raw SQL'} does is not known`))
  return origins
}

/** The columns of a union, by their place. Where rows are compared, all of them decide. */
function combined(
  left: Columns,
  { operator, expression, all }: SetOperationNode,
  scope: Scope,
  reading: Reading,
): Columns {
  // Inside a union only what WITH has named is known, none of the tables beside it.
  const right = outputsOf(expression, { ...scope, relations: [] }, reading)
  if (operator !== 'union' || !all) reading.conditions.push(...allOf(left), ...allOf(right))
  const others = left.others ?? right.others
  if (others) return { known: new Map(), others: oneOf([...allOf(left), ...allOf(right)]) }
  const places = [...right.known.values()]
  const known = [...left.known].map(([name, origin], place) => {
    const other = operator === 'except' ? origin : places[place]
    return [name, oneOf([origin, other ?? unresolved('a union of unlike queries')])] as const
  })
  return { known: new Map(known), others: null }
}

/** By what rows are ordered: an output's name means the output. */
function ordering(
  { items }: OrderByNode,
  outputs: Columns,
  scope: Scope,
  reading: Reading,
): Origin[] {
  return items.map(({ orderBy }) => {
    const name = ReferenceNode.is(orderBy) && !orderBy.table ? outputName(orderBy) : undefined
    const output = name === undefined ? undefined : outputs.known.get(name)
    return output ?? numbered(orderBy, outputs) ?? originOf(orderBy, scope, reading)
  })
}

/** The output that `group by 1` means; undefined for anything but a number. */
function numbered(node: OperationNode, { known, others }: Columns): Origin | undefined {
  const bare = RawNode.is(node) && node.parameters.length === 1 ? node.parameters[0]! : node
  const text = RawNode.is(bare) ? bare.sqlFragments.join('') : ValueNode.is(bare) ? bare.value : ''
  if (!/^\s*\d+\s*$/.test(String(text))) return undefined
  return others ?? [...known.values()][Number(text) - 1]
}

function unknown(reason: string): Columns {
  return { known: new Map(), others: unresolved(reason) }
}
