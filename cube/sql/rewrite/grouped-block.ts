import type { Node, SelectStmt } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { type Block, requireBareMasks, requireResolved, sortKey } from './block.ts'
import {
  finishDraft,
  joinAlias,
  memberExpression,
  parameterMark,
  type QueryDraft,
  startDraft,
} from './cube-query.ts'
import { addConditions } from './filters.ts'
import { groupingSets, groupKeys } from './grouping-sets.ts'
import { addKey, type Key, keyOf } from './keys.ts'
import { addMeasure, type Measure, measureOf } from './measures.ts'
import { aggregateIn, columnOf, joinedOf } from './model.ts'
import { printExpression } from './parse.ts'
import type { Join, Source } from './source.ts'
import type { Translating } from './translating.ts'
import {
  binary,
  column,
  fingerprint,
  fromQuery,
  inside,
  integer,
  mapTree,
  orZero,
  withTest,
} from './tree.ts'

const ALIAS = 'view_groups'

/** A block that groups: Cube gives the groups with their measures, Postgres filters and sorts them. */
export async function groupedBlock(
  block: Block,
  t: Translating,
  tableSql: (table: Node) => Promise<SelectStmt>,
): Promise<SelectStmt> {
  const { source, having, sort, windows, rest } = block
  const values = block.targets.map(({ value }) => value)
  requireResolved([values, block.conditions, block.groupBy, having, sort, windows], source)
  requireBareMasks([...values, ...block.groupBy, having, ...sort.map(sortKey), windows], source)

  const keys = new Map<string, Key>()
  for (const node of groupKeys(block.groupBy)) {
    const key = keyOf(node, source.view, `key_${keys.size}`)
    if (key && !keys.has(key.fingerprint)) keys.set(key.fingerprint, key)
  }
  const measures = new Map<string, Measure>()
  const placed = <Tree>(tree: Tree): Tree => placeGroups(tree, { block, keys, measures })

  const whereClause = placed(having)
  const select: SelectStmt = {
    ...placed(rest),
    targetList: block.targets.map(({ name, value }) => ({
      ResTarget: { name, val: placed(value) },
    })),
    ...(whereClause && { whereClause }),
    ...(sort.length > 0 && { sortClause: placed(sort) }),
    ...(windows.length > 0 && { windowClause: placed(windows) }),
  }
  const tables = await joinedTables(source, tableSql)
  const groups: string[] = []
  for (const set of groupingSets(block.groupBy, keys, source.view)) {
    const draft = startDraft(source.view)
    for (const key of keys.values()) if (set.has(key.fingerprint)) addKey(draft, key)
    for (const measure of measures.values()) addMeasure(draft, measure)
    addJoins(draft, tables)
    addConditions(draft, block.conditions)
    groups.push(await groupsOf(draft, { keys, measures, set }, t))
  }
  return { ...select, ...fromQuery(t.splice(groups.join(' UNION ALL ')), ALIAS) }
}

interface Placing {
  block: Block
  keys: Map<string, Key>
  measures: Map<string, Measure>
}

/** The tree over the columns of the groups: keys and aggregates become columns, nothing else may stay. */
function placeGroups<Tree>(tree: Tree, placing: Placing): Tree {
  const { block, keys, measures } = placing
  const { view } = block.source
  return mapTree(tree, (node) => {
    const link = inside(node, 'SubLink')
    if (link) return withTest(link, (test) => placeGroups(test, placing))
    const key = keys.get(fingerprint(node))
    if (key) return column(ALIAS, key.alias)
    const grouping = inside(node, 'GroupingFunc')
    if (grouping) return groupingBits(grouping.args ?? [], placing)
    const member = columnOf(node, view)
    if (aggregateIn(node) || member?.kind === 'measure') {
      const measure = measureOf(node, view, `measure_${measures.size}`)
      const known = measures.get(measure.fingerprint) ?? measure
      measures.set(known.fingerprint, known)
      const value = column(ALIAS, known.alias)
      // Of no rows a rollup has no counts to sum, where the rows would have been counted as 0.
      return known.measure?.additivity === 'additive' ? orZero(value) : value
    }
    if (member) throw notGrouped(member.name)
    const joined = joinedOf(node)
    if (joined) throw notGrouped(`${joined.table}.${joined.name}`)
    return undefined
  })
}

function notGrouped(name: string) {
  return new Refusal(
    `Column "${name}" must appear in the GROUP BY clause or be used in an aggregate function.`,
    { code: '42803' },
  )
}

/** GROUPING(a, b): a bit for each key, set where the group is not by it. */
function groupingBits(args: Node[], { keys }: Placing): Node {
  const order = [...keys.keys()]
  return args
    .map((arg, index): Node => {
      const place = order.indexOf(fingerprint(arg))
      if (place < 0)
        throw new Refusal('Arguments of GROUPING must be expressions of the GROUP BY clause.', {
          code: '42803',
        })
      const shift = place - (args.length - 1 - index)
      const bit = binary('&', column(ALIAS, 'absent_keys'), integer(2 ** place))
      return shift >= 0 ? binary('>>', bit, integer(shift)) : binary('<<', bit, integer(-shift))
    })
    .reduce((sum, bit) => binary('|', sum, bit))
}

/** The SQL of one grouping set, with every column that any of them has. */
async function groupsOf(
  draft: QueryDraft,
  { keys, measures, set }: Omit<Placing, 'block'> & { set: Set<string> },
  t: Translating,
): Promise<string> {
  const absent = [...keys.keys()].reduce(
    (bits, key, place) => (set.has(key) ? bits : bits | (2 ** place)),
    0,
  )
  if (draft.columns.size === 0) draft.query.measures.push(countOfRows(draft))
  const sql = await finishDraft(draft, t)
  const columns = [
    ...[...keys.values()].map(({ alias, sqlType, fingerprint: key }) =>
      set.has(key) ? alias : `NULL${sqlType ? `::${sqlType}` : ''} AS ${alias}`,
    ),
    ...[...measures.values()].map(({ alias }) => alias),
    `${absent} AS absent_keys`,
  ]
  return `SELECT ${columns.join(', ')} FROM (${sql}) AS groups`
}

/** Groups of nothing are still one row. */
function countOfRows(draft: QueryDraft): string {
  draft.columns.set('rows_counted', undefined)
  const count: Node = { FuncCall: { funcname: [{ String: { sval: 'count' } }], agg_star: true } }
  const measure = measureOf(count, draft.view, 'rows_counted')
  return memberExpression(draft, 'rows_counted', measure.expression!)
}

/** A table that is joined to the view inside Cube, where measures are still measures. */
interface JoinedTable {
  query: string
  kind: Join['kind']
  alias: string
  on: Node
}

async function joinedTables(
  { joins }: Source,
  tableSql: (table: Node) => Promise<SelectStmt>,
): Promise<JoinedTable[]> {
  const tables: JoinedTable[] = []
  for (const { table, kind, alias, on } of joins) {
    const query = printExpression({ SelectStmt: await tableSql(table) })
    tables.push({ query, kind, alias: joinAlias(alias), on })
  }
  return tables
}

function addJoins(draft: QueryDraft, tables: JoinedTable[]) {
  for (const [index, { query, kind, alias, on }] of tables.entries())
    draft.query.subqueryJoins.push({
      sql: parameterMark(draft, query),
      joinType: kind,
      alias,
      on: memberExpression(draft, `join_${index}`, on),
    })
}
