import type { Node } from 'libpg-query'
import { Refusal } from '../refusal.ts'
import { memberExpression, type QueryDraft } from './cube-query.ts'
import { columnOf, type View, type ViewColumn } from './model.ts'
import { LOSSLESS } from './source.ts'
import {
  fingerprint,
  functionName,
  inside,
  isSubquery,
  someNode,
  textOf,
  withoutCasts,
} from './tree.ts'

/** A key of GROUP BY as Cube groups by it. */
export interface Key {
  fingerprint: string
  alias: string
  /** Known for members and truncated days. */
  sqlType: string | undefined
  /** A dimension of the view, perhaps at a granularity; else an expression over some. */
  dimension: ViewColumn | undefined
  granularity: string | undefined
  expression: Node
}

const GRANULARITIES = new Set(['day', 'week', 'month', 'quarter', 'year'])

/** Reads a key; nothing for a constant, by which nothing is told apart. */
export function keyOf(given: Node, view: View, alias: string): Key | undefined {
  // A cast of a day that loses nothing groups as the day itself does; the cast is done outside.
  const bare = withoutCasts(given, LOSSLESS)
  const isDay = columnOf(bare, view)?.sqlType === 'date' || truncation(bare, view)
  const node = isDay ? bare : given
  if ('A_Const' in node) return undefined
  const dimension = columnOf(node, view)
  const common = { fingerprint: fingerprint(node), alias, expression: node }
  if (
    dimension?.kind === 'measure' ||
    someNode(node, (one) => columnOf(one, view)?.kind === 'measure', isSubquery)
  )
    throw new Refusal('Nothing can be grouped by a measure.', {
      code: '42803',
      hint: 'Group by dimensions, and filter by a measure in HAVING.',
    })
  if (dimension?.sqlType === 'date')
    return { ...common, dimension, granularity: 'day', sqlType: 'date' }
  if (dimension) return { ...common, dimension, granularity: undefined, sqlType: dimension.sqlType }
  const truncated = truncation(node, view)
  if (truncated) return { ...common, ...truncated, sqlType: 'timestamp' }
  return { ...common, dimension: undefined, granularity: undefined, sqlType: undefined }
}

/** `date_trunc('week', day)`, which is a granularity of Cube's. */
function truncation(node: Node, view: View) {
  const call = inside(node, 'FuncCall')
  if (!call || functionName(call) !== 'date_trunc' || call.args?.length !== 2) return undefined
  const granularity = textOf(call.args[0])?.toLowerCase() ?? ''
  const dimension = columnOf(withoutCasts(call.args[1]!, LOSSLESS), view)
  if (dimension?.sqlType !== 'date' || !GRANULARITIES.has(granularity)) return undefined
  return { dimension, granularity }
}

export function addKey(
  draft: QueryDraft,
  { dimension, granularity, alias, sqlType, expression }: Key,
) {
  draft.columns.set(alias, sqlType)
  if (dimension?.masked) draft.query.fromRows = true
  if (dimension && granularity) {
    // A day and its date_trunc('day') are one to Cube, which has one column of them.
    const same = draft.aliases[`${dimension.member}.${granularity}`]
    if (same) {
      draft.copies.set(alias, same)
      return
    }
    draft.query.timeDimensions.push({ dimension: dimension.member, granularity })
    draft.aliases[`${dimension.member}.${granularity}`] = alias
  } else if (dimension) {
    draft.query.dimensions.push(dimension.member)
    draft.aliases[dimension.member] = alias
  } else draft.query.dimensions.push(memberExpression(draft, alias, expression))
}
