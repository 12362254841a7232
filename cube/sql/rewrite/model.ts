import type { Node } from 'libpg-query'
import { inside } from './tree.ts'

/** A view as one user sees it. */
export interface View {
  name: string
  /** In the order of the relation in schema `bi`. */
  columns: ViewColumn[]
}

/** A member of a view, which BI tools see as a column. */
export interface ViewColumn {
  name: string
  /** As Cube names it: `fees.day`. */
  member: string
  kind: 'dimension' | 'measure'
  /** Cube's: string, number, boolean or time. */
  type: string
  /** Postgres's, as in the relation in schema `bi`. */
  sqlType: string
  /** Whether parts of a measure may be summed; dimensions have none. */
  additivity?: Additivity
  /** The user may see that there is one, and not its values. */
  masked?: true
  /** Of a table that the facts refer to, one row of which stands beside many of theirs. */
  isJoined?: true
  /** A condition that has a name in the model, as a column of true and false. */
  isSegment?: true
}

/** `semi_additive` is summed over slices, not over days: a balance, a backlog. */
export type Additivity = 'additive' | 'semi_additive' | 'non_additive'

/** A member that stands for a column of a view, once the statement's own names are resolved. */
export function memberNode(name: string): Node {
  return { Member: { name } } as unknown as Node
}

/** The name of the member that a node stands for. */
export function memberOf(node: Node | undefined): string | undefined {
  return (node as { Member?: { name: string } } | undefined)?.Member?.name
}

/** A column of a table that is joined to a view inside Cube. */
export function joinedNode(table: string, name: string): Node {
  return { Joined: { table, name } } as unknown as Node
}

export function joinedOf(node: Node | undefined): { table: string; name: string } | undefined {
  return (node as { Joined?: { table: string; name: string } } | undefined)?.Joined
}

/** The column that a node stands for, if it is nothing but a member. */
export function columnOf(node: Node | undefined, view: View): ViewColumn | undefined {
  const name = memberOf(node)
  return name === undefined ? undefined : view.columns.find((one) => one.name === name)
}

/** A column that every row has, to ask for rows by where no column is named. */
export function anchorOf({ columns }: View): ViewColumn {
  return columns.find((one) => one.kind === 'dimension' && !one.masked)!
}

/** Whether a value of the column is right for part of the rows that it is asked for. */
export function isAdditive({ kind, additivity }: ViewColumn): boolean {
  return kind === 'dimension' || additivity === 'additive'
}

/** Calls of these make one row of many. */
const AGGREGATES = new Set(
  (
    'count sum avg min max array_agg string_agg bool_and bool_or every stddev stddev_pop stddev_samp ' +
    'variance var_pop var_samp percentile_cont percentile_disc mode corr regr_slope regr_intercept ' +
    'regr_r2 covar_pop covar_samp json_agg bit_and bit_or measure aggregate'
  ).split(' '),
)

export function isAggregate(node: Node): boolean {
  return aggregateIn(node) !== undefined
}

export function aggregateIn(node: Node | undefined) {
  const call = inside(node, 'FuncCall')
  if (!call || call.over) return undefined
  const name = (inside(call.funcname?.at(-1), 'String')?.sval ?? '').toLowerCase()
  return AGGREGATES.has(name) ? { name, call } : undefined
}
