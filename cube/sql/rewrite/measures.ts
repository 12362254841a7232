import type { Node } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { bareMeasure } from './block.ts'
import { memberExpression, type QueryDraft } from './cube-query.ts'
import { aggregateIn, anchorOf, columnOf, memberNode, type View, type ViewColumn } from './model.ts'
import { fingerprint, isSubquery, someNode } from './tree.ts'

/** An aggregate of a block as Cube computes it. */
export interface Measure {
  fingerprint: string
  alias: string
  /** A measure of the view; else an aggregate over its dimensions. */
  measure: ViewColumn | undefined
  expression: Node | undefined
}

/** What an aggregate asks for. @throws Refusal where it would give another number than the KPI */
export function measureOf(node: Node, view: View, alias: string): Measure {
  const bare = columnOf(node, view)
  if (bare) return ofView(bare, alias)
  const { name, call } = aggregateIn(node)!
  const measure = bareMeasure(call.args, view && { view })
  if (measure) {
    if (call.agg_distinct || !fits(name, measure)) throw doesNotFit(name, measure)
    return ofView(measure, alias)
  }
  if (name === 'measure' || name === 'aggregate')
    throw new Refusal(`${name.toUpperCase()}() takes a measure of the view.`, {
      code: '42804',
      hint: `The measures of ${view.name} are: ${measuresOf(view).join(', ')}.`,
    })
  const expression = readsMember(node, view) ? node : overEveryRow(node, view)
  return { fingerprint: fingerprint(node), alias, measure: undefined, expression }
}

function ofView(measure: ViewColumn, alias: string): Measure {
  return { fingerprint: measure.member, alias, measure, expression: undefined }
}

/**
 * Which aggregates give the KPI: a sum of parts for what adds up, and for a ratio those that tools
 * write for want of a better word, since of one value they are the value.
 */
function fits(aggregate: string, { additivity }: ViewColumn): boolean {
  if (aggregate === 'measure' || aggregate === 'aggregate') return true
  if (additivity === 'additive') return aggregate === 'sum'
  if (additivity === 'semi_additive') return ['sum', 'avg', 'min', 'max'].includes(aggregate)
  return ['avg', 'min', 'max'].includes(aggregate)
}

function doesNotFit(aggregate: string, { name, additivity }: ViewColumn): Refusal {
  const why =
    additivity === 'additive'
      ? `${name} is a sum of its parts, and ${aggregate.toUpperCase()} of it would depend on how they are cut.`
      : `${name} is a ratio, and ${aggregate.toUpperCase()} of ratios is none.`
  return new Refusal(why, { code: '42804', hint: `Write MEASURE(${name}).` })
}

function measuresOf({ columns }: View) {
  return columns.filter(({ kind }) => kind === 'measure').map(({ name }) => name)
}

function readsMember(tree: Node, view: View) {
  return someNode(tree, (one) => columnOf(one, view) !== undefined, isSubquery)
}

/** COUNT(*), SUM(1): of each row, for which one of its columns has to be named. */
function overEveryRow(node: Node, view: View): Node {
  const { call } = aggregateIn(node)!
  const anchor = memberNode(anchorOf(view).name)
  const one: Node = { A_Const: { ival: { ival: 1 } } }
  const { agg_star: isStar, ...rest } = call
  const perRow = (value: Node): Node => ({
    CaseExpr: {
      args: [
        {
          CaseWhen: {
            expr: { NullTest: { arg: anchor, nulltesttype: 'IS_NULL' } },
            result: value,
          },
        },
      ],
      defresult: value,
    },
  })
  return { FuncCall: { ...rest, args: isStar ? [perRow(one)] : (call.args ?? []).map(perRow) } }
}

export function addMeasure(draft: QueryDraft, { measure, expression, alias }: Measure) {
  if (measure) {
    draft.query.measures.push(measure.member)
    draft.aliases[measure.member] = alias
    draft.columns.set(alias, measure.sqlType)
  } else {
    draft.query.measures.push(memberExpression(draft, alias, expression!))
    draft.columns.set(alias, undefined)
  }
}
