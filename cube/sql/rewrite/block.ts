import type { FuncCall, Node, SelectStmt } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { isMasked } from './cube-query.ts'
import { aggregateIn, columnOf, isAggregate, memberOf } from './model.ts'
import { outputName } from './names.ts'
import { isStar, resolve, type Source } from './source.ts'
import type { Translating } from './translating.ts'
import { mapVetted } from './vetted.ts'
import {
  allOf,
  conjuncts,
  functionName,
  inside,
  integer,
  isSubquery,
  nameParts,
  someNode,
} from './tree.ts'

/** One SELECT over one view, its names resolved to members. */
export interface Block {
  source: Source
  /** Clauses that are as they were: limits, DISTINCT. */
  rest: SelectStmt
  targets: Target[]
  conditions: Node[]
  /** Empty where one row is made of all, or each row stays itself. */
  groupBy: Node[]
  having: Node | undefined
  sort: Node[]
  windows: Node[]
  /** How it is answered, see readBlock. */
  way: 'grouped' | 'rows' | 'tables'
}

export interface Target {
  name: string
  value: Node
  /** Not named by itself, but by `*`. */
  fromStar?: true
}

/**
 * Reads a SELECT over a view and decides how it is answered:
 * - `grouped`: Cube groups, which knows ratios and has rollups;
 * - `rows`: Cube gives the rows and Postgres does the rest, as for a SUM over a CASE;
 * - `tables`: joined with other tables, row by row.
 */
export function readBlock(select: SelectStmt, source: Source, t: Translating): Block {
  const { targetList, fromClause: _, whereClause, groupClause, havingClause, ...rest } = select
  const { sortClause, windowClause, ...clauses } = rest
  const resolved: Resolve = (tree) => mapVetted(resolve(tree, source), t)
  const targets = (targetList ?? []).flatMap((target) => readTarget(target, source, resolved))
  const where = [source.where, whereClause].filter((part) => part !== undefined)
  const joins = source.joins.map((join) => ({ ...join, on: resolved(join.on) }))
  const block: Block = {
    source: { ...source, joins },
    rest: resolved(clauses),
    targets,
    conditions: conjuncts(allOf(where.map(resolved))),
    groupBy: (groupClause ?? []).map((key) => groupKey(key, targets, resolved)),
    having: havingClause && resolved(havingClause),
    sort: (sortClause ?? []).map((item) => sortItem(item, targets, resolved)),
    windows: resolved(windowClause ?? []),
    way: 'rows',
  }
  const isGrouped = Boolean(groupClause || havingClause) || someIn(block, isAggregate)
  const distinctBy = isGrouped ? [] : distinctValues(block)
  const isDistinct = distinctBy.length > 0
  if (isDistinct) block.groupBy = distinctBy
  if ((isGrouped || isDistinct) && !needsRows(block)) block.way = 'grouped'
  const hasStar = (targetList ?? []).some((target) => isStarOfAll(target))
  if (source.joins.length > 0 && (block.way === 'rows' || hasStar)) block.way = 'tables'
  return block
}

/** Puts members in the place of the statement's own names, and lets only listed words through. */
type Resolve = <Tree>(tree: Tree) => Tree

function readTarget(target: Node, source: Source, resolved: Resolve): Target[] {
  const { name, val } = inside(target, 'ResTarget') ?? {}
  if (!val) return []
  if (isStar(val, source))
    return [...source.columns].map(([own, value]) => ({
      name: own,
      value: resolved(value),
      fromStar: true,
    }))
  return [{ name: name ?? outputName(val), value: resolved(val) }]
}

function isStarOfAll(target: Node) {
  const fields = inside(inside(target, 'ResTarget')?.val, 'ColumnRef')?.fields
  return fields?.length === 1 && 'A_Star' in fields[0]!
}

/** A key of GROUP BY: a column first, then a target by its name, or by its number. */
function groupKey(key: Node, targets: Target[], resolved: Resolve): Node {
  const set = inside(key, 'GroupingSet')
  if (set) {
    const content = (set.content ?? []).map((one) => groupKey(one, targets, resolved))
    return { GroupingSet: { ...set, content } }
  }
  const list = inside(key, 'RowExpr')
  if (list?.args)
    return { RowExpr: { ...list, args: list.args.map((one) => groupKey(one, targets, resolved)) } }
  const own = resolved(key)
  if (!inside(own, 'ColumnRef') && !isPosition(key)) return own
  return targetOf(key, targets) ?? own
}

/** An item of ORDER BY: a target by its name or number, then a column. */
function sortItem(item: Node, targets: Target[], resolved: Resolve): Node {
  const sort = inside(item, 'SortBy')!
  const index = targetIndex(sort.node, targets)
  const node = index === undefined ? resolved(sort.node!) : integer(index + 1)
  return { SortBy: { ...sort, node } }
}

function targetOf(key: Node, targets: Target[]): Node | undefined {
  const index = targetIndex(key, targets)
  return index === undefined ? undefined : targets[index]?.value
}

function targetIndex(key: Node | undefined, targets: Target[]): number | undefined {
  const position = inside(key, 'A_Const')?.ival
  if (position) {
    const number = position.ival ?? 0
    if (number >= 1 && number <= targets.length) return number - 1
    throw new Refusal(`Position ${number} is not in the select list of ${targets.length}.`, {
      code: '42P10',
    })
  }
  const [name, ...others] = nameParts(inside(key, 'ColumnRef')?.fields)
  if (others.length > 0 || name === undefined) return undefined
  const index = targets.findIndex((target) => target.name === name)
  return index < 0 ? undefined : index
}

function isPosition(key: Node) {
  return Boolean(inside(key, 'A_Const')?.ival)
}

function isConstant(key: Node) {
  return 'A_Const' in key
}

function someIn({ targets, having, sort }: Block, is: (node: Node) => boolean) {
  return someNode([targets, having, sort], is, isSubquery)
}

/** `SELECT DISTINCT` of dimensions is the same as grouping by them; nothing where it is not that. */
function distinctValues(block: Block): Node[] {
  const { rest, source, windows } = block
  const isPlain =
    rest.distinctClause?.length === 1 && Object.keys(rest.distinctClause[0]!).length === 0
  const isOfRows = (node: Node) =>
    isMeasureOf(node, source) || Boolean(inside(node, 'FuncCall')?.over)
  if (!isPlain || windows.length > 0 || someIn(block, isOfRows)) return []
  return block.targets.map(({ value }) => value).filter((key) => !isConstant(key))
}

/**
 * Whether only rows can answer it: a condition on a measure, a measure inside an expression that
 * is summed, an aggregate with a FILTER over one, an aggregate over what the facts refer to.
 */
function needsRows({ source, conditions, targets, having, sort }: Block): boolean {
  const isMeasure = (node: Node) => isMeasureOf(node, source)
  if (someNode(conditions, isMeasure, isSubquery)) return true
  return someNode(
    [targets, having, sort],
    (node) => {
      const { call } = aggregateIn(node) ?? {}
      if (!call) return false
      if (!someNode(call, isMeasure, isSubquery)) return countsJoined(call, source)
      return Boolean(call.agg_filter) || !bareMeasure(call.args, source)
    },
    isSubquery,
  )
}

export function isMeasureOf(node: Node, { view }: Pick<Source, 'view'>): boolean {
  return columnOf(node, view)?.kind === 'measure'
}

/** What an item of ORDER BY sorts by. */
export function sortKey(item: Node): Node | undefined {
  return inside(item, 'SortBy')?.node
}

/** Cube would count each row that the facts refer to once, however many of them do. */
function countsJoined(call: FuncCall, { view }: Source): boolean {
  if (!someNode(call, (node) => Boolean(columnOf(node, view)?.isJoined), isSubquery)) return false
  const isSetOfValues = call.agg_distinct || ['min', 'max'].includes(functionName(call))
  return !isSetOfValues || Boolean(call.agg_filter) || !columnOf(call.args?.[0], view)
}

/** The measure that an aggregate is called with, if with nothing else; casts are looked through. */
export function bareMeasure(args: Node[] | undefined, { view }: Pick<Source, 'view'>) {
  let node = args?.length === 1 ? args[0] : undefined
  while (node && 'TypeCast' in node) node = node.TypeCast.arg
  const column = columnOf(node, view)
  return column?.kind === 'measure' ? column : undefined
}

/** Refuses names that are nothing of the view's. */
export function requireResolved(tree: unknown, { view, alias }: Source) {
  someNode(
    tree,
    (node) => {
      const fields = inside(node, 'ColumnRef')?.fields
      if (!fields) return false
      const parts = nameParts(fields)
      throw new Refusal(`There is no column "${parts.join('.')}" in ${alias}.`, {
        code: '42703',
        hint:
          parts.length > 1
            ? 'A subquery over a view stands by itself: it names no column of the query around it.'
            : `The columns of ${view.name} are: ${view.columns.map((one) => one.name).join(', ')}.`,
      })
    },
    isSubquery,
  )
}

/** Refuses a masked column anywhere but as a value of its own. */
export function requireBareMasks(trees: unknown[], { view }: Source) {
  for (const tree of trees) {
    if (memberOf(tree as Node) !== undefined) continue
    someNode(tree, (node) => {
      const column = columnOf(node, view)
      if (column?.masked) throw isMasked(column.name)
      return false
    })
  }
}
