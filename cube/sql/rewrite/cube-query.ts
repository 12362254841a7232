import { createHash, randomBytes } from 'node:crypto'
import type { Node } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { enclosed } from './enclosed.ts'
import type { DoorQuery, DoorSql } from '../../server/sql-door.ts'
import { anchorOf, columnOf, joinedOf, type View } from './model.ts'
import { printExpression } from './parse.ts'
import type { Translating } from './translating.ts'
import { cast, column, inside, withTest } from './tree.ts'
import { requireKnown } from './vocabulary.ts'

/**
 * The query that Cube is asked for one block of a statement. Cube runs expressions as JavaScript
 * template strings, so nothing that the user wrote is in one: constants and subqueries go as
 * parameters, columns as members, and what is left is made of listed words.
 */
export interface QueryDraft {
  query: DoorQuery
  view: View
  /** Member to its column in Cube's SQL; expressions name theirs themselves. */
  aliases: Record<string, string>
  /** The columns of Cube's SQL; those that are a view's own have its type. */
  columns: Map<string, string | undefined>
  /** Columns that are another one, perhaps in another type. */
  copies: Map<string, string>
  /** SQL that is the user's own, a constant or a subquery, and the number of its parameter. */
  constants: Map<string, number>
  /** Part of the names that stand for members and constants while SQL is printed: nobody knows it. */
  secret: string
}

export function startDraft(view: View): QueryDraft {
  const query: DoorQuery = {
    measures: [],
    dimensions: [],
    timeDimensions: [],
    segments: [],
    filters: [],
    subqueryJoins: [],
    anchor: anchorOf(view).member,
  }
  return {
    query,
    view,
    aliases: {},
    columns: new Map(),
    copies: new Map(),
    constants: new Map(),
    secret: randomBytes(8).toString('hex'),
  }
}

/** What Cube is sent for a parameter; `finishDraft` finds it again among the values of the SQL. */
const PARAMETER = '\u{1}'

/** What stands for a piece of SQL in a filter of Cube's. */
export function parameter(draft: QueryDraft, sql: string): string {
  return `${PARAMETER}${numberOf(draft, sql)}`
}

/** What stands for a piece of SQL in SQL for Cube. */
export function parameterMark(draft: QueryDraft, sql: string): string {
  return `$${numberOf(draft, sql)}$`
}

function numberOf({ constants }: QueryDraft, sql: string): number {
  const number = constants.get(sql) ?? constants.size
  constants.set(sql, number)
  return number
}

/** An expression over members, in the form that Cube takes in the place of a member. */
export function memberExpression(draft: QueryDraft, alias: string, node: Node): string {
  return JSON.stringify({
    cubeName: draft.view.name,
    alias,
    expr: { type: 'SqlFunction', cubeParams: [draft.view.name], sql: expressionText(draft, node) },
    groupingSet: null,
  })
}

/**
 * SQL for Cube: `${fees.marketplace}` for a member, `$0$` for a constant. A member is the column of the
 * facts here, whatever mask it has where it is listed.
 */
function expressionText(draft: QueryDraft, node: Node): string {
  const members: string[] = []
  const place = (tree: Node): Node => {
    requireKnown(tree)
    const member = columnOf(tree, draft.view)
    if (member?.masked) throw isMasked(member.name)
    if (member) {
      const name = column(`member_${draft.secret}_${members.push(member.member) - 1}_`)
      return member.type === 'time' ? cast(name, member.sqlType) : name
    }
    const joined = joinedOf(tree)
    if (joined)
      return constant(draft, printExpression(column(joinAlias(joined.table), joined.name)))
    if ('A_Const' in tree || 'ParamRef' in tree) return constant(draft, printExpression(tree))
    if ('SubLink' in tree) return subquery(draft, tree, place)
    const reference = inside(tree, 'ColumnRef')
    if (reference) throw notAColumn(tree, draft.view)
    for (const kind of NOT_INSIDE)
      if (kind in tree)
        throw new Refusal(`${kind} cannot be used inside a grouped expression.`, { code: '0A000' })
    return tree
  }
  const printed = printExpression(mapDeep(node, place))
  // Whatever else: no template string can be left or entered.
  const escaped = printed.replaceAll(/[\\`]|\$(?=\{)/g, '\\$&')
  return escaped
    .replaceAll(
      new RegExp(`\\bmember_${draft.secret}_(\\d+)_`, 'g'),
      (_, index) => `\${${members[Number(index)]}}`,
    )
    .replaceAll(new RegExp(`\\bconstant_${draft.secret}_(\\d+)_`, 'g'), (_, index) => `$${index}$`)
}

const NOT_INSIDE = ['CollateClause', 'NamedArgExpr', 'GroupingFunc'] as const

function constant(draft: QueryDraft, sql: string): Node {
  return column(`constant_${draft.secret}_${numberOf(draft, sql)}_`)
}

/** A subquery that was translated by itself stands in the expression as a parameter. */
function subquery(draft: QueryDraft, node: Node, place: (node: Node) => Node): Node {
  const link = inside(node, 'SubLink')!
  const printed = printExpression({ SelectStmt: enclosed(inside(link.subselect, 'SelectStmt')!) })
  // "(SELECT constant_3_)" becomes "($3$)" and then the query itself.
  return withTest({ ...link, subselect: constant(draft, printed) }, (test) => mapDeep(test, place))
}

/** Applies `place` to every node, parents first. */
function mapDeep<Tree>(tree: Tree, place: (node: Node) => Node): Tree {
  if (Array.isArray(tree)) return tree.map((part) => mapDeep(part, place)) as Tree
  if (!tree || typeof tree !== 'object') return tree
  const placed = place(tree as unknown as Node)
  if ((placed as unknown) !== tree) return placed as Tree
  const mapped: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(tree)) mapped[key] = mapDeep(value as unknown, place)
  return mapped as Tree
}

function notAColumn(node: Node, view: View): Refusal {
  return new Refusal(`There is no column ${printExpression(node)} here.`, {
    code: '42703',
    hint: `The columns of ${view.name} are: ${view.columns.map(({ name }) => name).join(', ')}.`,
  })
}

/** The name by which Cube's SQL knows a joined table. */
export function joinAlias(alias: string): string {
  return `joined_${createHash('sha256').update(alias).digest('hex').slice(0, 16)}`
}

/** Asks Cube for the SQL of the draft; its columns have the types of the view's. */
export async function finishDraft(draft: QueryDraft, t: Translating): Promise<string> {
  const { query, aliases, columns, copies, view } = draft
  t.viewsRead.add(view.name)
  const constants = [...draft.constants.keys()]
  const params = constants.map((_, index) => `${PARAMETER}${index}`)
  const { sql, values } = await t.askCube(query, aliases, params)
  const filled = sql.replaceAll(/\$(\d+)\$/g, (_, index) =>
    valueText(values[Number(index)], constants),
  )
  const typed = [...columns].map(([name, type]) => {
    const own = copies.get(name) ?? name
    return `${own}${type ? `::${type}` : ''} AS ${name}`
  })
  return `SELECT ${typed.join(', ')} FROM (${filled}) AS cube`
}

function valueText(value: DoorSql['values'][number], constants: string[]): string {
  if (value === null || value === undefined) return 'NULL'
  const given = String(value)
  const index = given.startsWith(PARAMETER) ? Number(given.slice(PARAMETER.length)) : -1
  return constants[index] ?? `'${given.replaceAll("'", "''")}'`
}

export function isMasked(name: string): Refusal {
  return new Refusal(
    `${name} is hidden from you: it can be listed, but not filtered, counted or computed with.`,
    { code: '42501', hint: 'Leave it out, or ask for a group that may see sellers.' },
  )
}

export function needsGroup(name: string): Refusal {
  return new Refusal(`${name} has a value for a group of rows only, not for one row.`, {
    code: '42803',
    hint: `Ask for it by group: SELECT marketplace, MEASURE(${name}) ... GROUP BY marketplace.`,
  })
}
