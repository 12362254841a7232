import type { Node, RangeVar, SelectStmt } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { enclosed } from './enclosed.ts'
import { aggregateIn, columnOf, joinedNode, memberNode, type View } from './model.ts'
import { outputName } from './names.ts'
import type { Scope, Translating } from './translating.ts'
import {
  allOf,
  cast,
  functionName,
  inside,
  mapTree,
  nameParts,
  someNode,
  withoutCasts,
  withTest,
} from './tree.ts'

/** One view under a query, however many plain SELECTs a tool has wrapped around it. */
export interface Source {
  view: View
  /** What the query calls it. */
  alias: string
  /** What each column that the query can name is, in terms of members. */
  columns: Map<string, Node>
  /** What the wrapping SELECTs have filtered by. */
  where: Node | undefined
  /** Tables that are joined to it and are no views: an aggregated subquery, most often. */
  joins: Join[]
}

export interface Join {
  alias: string
  kind: 'LEFT' | 'INNER'
  table: Node
  on: Node
}

/** The one view under a FROM, or nothing where there is none or more than one. */
export function findSource(
  from: Node[] | undefined,
  scope: Scope,
  t: Translating,
): Source | undefined {
  if (from?.length !== 1) return undefined
  const joins: Join[] = []
  let item = from[0]!
  for (let join = inside(item, 'JoinExpr'); join; join = inside(item, 'JoinExpr')) {
    const table = inside(join.rarg, 'RangeSubselect')
    const kind = join.jointype === 'JOIN_LEFT' ? 'LEFT' : 'INNER'
    const isPlain = !join.usingClause && !join.isNatural && !join.alias && !table?.lateral
    if (kind === 'INNER' && join.jointype !== 'JOIN_INNER') return undefined
    if (!isPlain || !table?.alias?.aliasname || !join.quals || !join.larg) return undefined
    joins.unshift({ alias: table.alias.aliasname, kind, table: join.rarg!, on: join.quals })
    item = join.larg
  }
  const source = viewUnder(item, scope, t)
  return source && { ...source, joins }
}

function viewUnder(item: Node, scope: Scope, t: Translating): Source | undefined {
  const table = inside(item, 'RangeVar')
  if (table) {
    const projection = table.schemaname ? undefined : scope.get(table.relname ?? '')
    const alias = table.alias?.aliasname ?? table.relname ?? ''
    if (table.alias?.colnames) return undefined
    if (projection) return projected(projection.query, alias, projection.scope, t)
    const view = findView(table, scope, t)
    return view && { view, alias, columns: ownColumns(view), where: undefined, joins: [] }
  }
  const wrapped = inside(item, 'RangeSubselect')
  const select = inside(wrapped?.subquery, 'SelectStmt')
  if (!wrapped || !select || wrapped.lateral || wrapped.alias?.colnames) return undefined
  return projected(select, wrapped.alias?.aliasname ?? '', scope, t)
}

/** The view that a table's name stands for. */
export function findView(table: RangeVar, scope: Scope, t: Translating): View | undefined {
  const { catalogname, schemaname, relname = '' } = table
  if (catalogname && catalogname !== t.database && catalogname !== 'recoup') return undefined
  if (schemaname ? schemaname !== 'bi' : scope.has(relname)) return undefined
  return t.views.get(relname)
}

function ownColumns({ columns }: View) {
  return new Map(columns.map(({ name }) => [name, memberNode(name)]))
}

/** Whether a SELECT only picks, names and filters columns of a view, row by row. */
export function isProjection(select: SelectStmt, scope: Scope, t: Translating): boolean {
  return projected(select, '', scope, t) !== undefined
}

function picksRows(select: SelectStmt): boolean {
  const { op, groupClause, havingClause, distinctClause, limitCount, limitOffset } = select
  const { withClause, windowClause, valuesLists, intoClause, lockingClause, sortClause } = select
  if (op && op !== 'SETOP_NONE') return false
  if (groupClause || havingClause || distinctClause || limitCount || limitOffset) return false
  if (withClause || windowClause || valuesLists || intoClause || lockingClause) return false
  return !someNode([select.targetList, sortClause], isSummary)
}

function isSummary(node: Node) {
  return 'SubLink' in node || Boolean(inside(node, 'FuncCall')?.over || aggregateIn(node))
}

/** The view under a SELECT that only picks, names and filters; nothing under any other. */
function projected(
  select: SelectStmt,
  alias: string,
  scope: Scope,
  t: Translating,
): Source | undefined {
  const source = picksRows(select) ? findSource(select.fromClause, scope, t) : undefined
  if (!source || source.joins.length > 0) return undefined
  const columns = new Map<string, Node>()
  for (const target of select.targetList ?? []) {
    const { name, val } = inside(target, 'ResTarget') ?? {}
    if (isStar(val, source)) for (const [each, node] of source.columns) columns.set(each, node)
    else columns.set(name ?? outputName(val), resolve(val!, source))
  }
  const own = select.whereClause && resolve(select.whereClause, source)
  const where = allOf([source.where, own].filter((part) => part !== undefined))
  return { ...source, alias, columns, where }
}

/** Whether a target is `*`, or `alias.*` of this source. */
export function isStar(node: Node | undefined, { alias }: Source): boolean {
  const fields = inside(node, 'ColumnRef')?.fields
  if (!fields || !('A_Star' in fields.at(-1)!)) return false
  return fields.length === 1 || (fields.length === 2 && nameParts(fields)[0] === alias)
}

/** The tree with members in place of the source's columns, as far as subqueries of its own. */
export function resolve<Tree>(tree: Tree, source: Source): Tree {
  const resolved = mapTree(tree, (node) => {
    const link = inside(node, 'SubLink')
    const query = inside(link?.subselect, 'SelectStmt')
    if (link && query)
      return withTest({ ...link, subselect: { SelectStmt: enclosed(query) } }, (test) =>
        resolve(test, source),
      )
    const reference = inside(node, 'ColumnRef')
    return reference && resolveColumn(nameParts(reference.fields), source)
  })
  return mapTree(resolved, (node) => truncatedDay(node, source.view))
}

function resolveColumn(parts: (string | null)[], source: Source): Node | undefined {
  const [name, qualifier, schema] = parts.toReversed()
  if (name === null || name === undefined) return undefined
  if (qualifier === undefined) return source.columns.get(name)
  if (qualifier === null) return undefined
  if (parts.length === 2 && source.joins.some(({ alias }) => alias === qualifier))
    return joinedNode(qualifier, name)
  const isOwn = qualifier === source.alias || (schema === 'bi' && qualifier === source.view.name)
  if (!isOwn) return undefined
  return source.columns.get(name) ?? noSuchColumn(name, source)
}

function noSuchColumn(name: string, { alias, columns }: Source): never {
  throw new Refusal(`There is no column "${name}" in ${alias}.`, {
    code: '42703',
    hint: `Its columns are: ${[...columns.keys()].join(', ')}.`,
  })
}

/**
 * `date_trunc` of a date is a timestamp with time zone in Postgres, which another session zone shows
 * as another day. A business day has no zone: its month is a timestamp without one.
 */
function truncatedDay(node: Node, view: View): Node | undefined {
  const call = inside(node, 'FuncCall')
  if (!call || functionName(call) !== 'date_trunc' || call.args?.length !== 2) return undefined
  const day = withoutCasts(call.args[1]!, LOSSLESS)
  if (columnOf(day, view)?.sqlType !== 'date') return undefined
  return { FuncCall: { ...call, args: [call.args[0]!, cast(day, 'timestamp')] } }
}

/** Casts of a date that lose nothing. */
export const LOSSLESS = new Set(['date', 'timestamp', 'timestamptz'])
