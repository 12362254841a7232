import { AliasNode, IdentifierNode, type OperationNode, RawNode, TableNode } from 'kysely'

import { nameOf, originOf } from './expression.ts'
import { approximately, type Origin } from './origin.ts'
import { readRaw } from './raw-sql.ts'
import {
  innerScope,
  type Columns,
  type Reading,
  type Relation,
  type Scope,
  tableNamed,
} from './scope.ts'

/** Something in FROM or JOIN: a table, a subquery, a list of values or a function's rows. */
export function relationOf(
  node: OperationNode,
  scope: Scope,
  reading: Reading,
  isLateral = false,
): Relation {
  if (TableNode.is(node)) {
    const name = nameOf(node)
    const { name: short } = node.table.identifier
    return { names: [name, short], columns: tableNamed(name, scope, reading) }
  }
  if (!AliasNode.is(node)) return { names: [], columns: rowsOf(node, scope, reading) }
  const { name, columns } = aliasOf(node.alias)
  const inner = node.node
  const found = TableNode.is(inner)
    ? tableNamed(nameOf(inner), scope, reading)
    : inner.kind === 'SelectQueryNode'
      ? reading.outputs(inner, isLateral ? scope : beside(scope))
      : rowsOf(inner, scope, reading)
  return { names: [name], columns: renamed(found, columns) }
}

/** The columns under other names, by their place. */
export function renamed({ known, others }: Columns, names: readonly string[] = []): Columns {
  if (names.length === 0) return { known, others }
  const origins = [...known.values()]
  const called = [...known.keys()].map((name, place) => names[place] ?? name)
  if (others === null)
    return { known: new Map(called.map((name, place) => [name, origins[place]!])), others }
  return { known: new Map(names.map((name) => [name, others])), others: null }
}

/** What a subquery may speak of besides its own tables: those around the query, not those beside it. */
function beside({ named, outer }: Scope): Scope {
  return { ...innerScope(outer), named }
}

/**
 * Rows of an expression, such as `generate_series(a, b)`: any of their columns comes from all that the
 * expression holds, which also decides how many rows there are.
 */
function rowsOf(node: OperationNode, scope: Scope, reading: Reading): Columns {
  const origin = originOf(node, scope, reading)
  reading.conditions.push(origin)
  return { known: new Map(), others: RawNode.is(node) ? told(node, origin) : origin }
}

function told(node: RawNode, origin: Origin): Origin {
  const { selected, restricts } = readRaw(node)
  if (origin.from.size === 0 || ((selected ?? 1) === 1 && !restricts)) return origin
  return approximately(origin, 'raw SQL yields rows whose columns are not told apart')
}

/** `d`, or `effect (event_type, sign)`. */
function aliasOf(node: OperationNode): { name: string; columns: string[] } {
  if (IdentifierNode.is(node)) return { name: node.name, columns: [] }
  const text = RawNode.is(node) ? node.sqlFragments.join('') : ''
  const [name = '', ...columns] = text.match(/\w+/g) ?? []
  return { name, columns }
}
