import type { Node } from 'libpg-query'
import { functionName, inside, nameParts } from './tree.ts'

/** What Postgres calls a column of an answer that was given no name. */
export function outputName(node: Node | undefined): string {
  return nameOf(node) ?? '?column?'
}

function nameOf(node: Node | undefined): string | undefined {
  if (!node) return undefined
  const reference = inside(node, 'ColumnRef')
  if (reference) return nameParts(reference.fields).findLast((part) => part !== null) ?? undefined
  const call = inside(node, 'FuncCall')
  if (call) return functionName(call)
  const cast = inside(node, 'TypeCast')
  if (cast) return nameOf(cast.arg) ?? nameParts(cast.typeName?.names).at(-1) ?? undefined
  const value = inside(node, 'SQLValueFunction')
  if (value) return value.op?.replace(/^SVFOP_|_N$/g, '').toLowerCase()
  const choice = inside(node, 'CaseExpr')
  if (choice) return nameOf(choice.defresult) ?? 'case'
  const extreme = inside(node, 'MinMaxExpr')
  if (extreme) return extreme.op === 'IS_GREATEST' ? 'greatest' : 'least'
  if (inside(node, 'A_Expr')?.kind === 'AEXPR_NULLIF') return 'nullif'
  const collated = inside(node, 'CollateClause')
  if (collated) return nameOf(collated.arg)
  const part = inside(node, 'A_Indirection')
  if (part) return nameParts(part.indirection).findLast((one) => one !== null) ?? nameOf(part.arg)
  const subquery = inside(node, 'SubLink')
  if (subquery) return nameOfSubquery(subquery)
  for (const [kind, name] of NAMED) if (kind in node) return name
  return undefined
}

const NAMED = [
  ['CoalesceExpr', 'coalesce'],
  ['A_ArrayExpr', 'array'],
  ['RowExpr', 'row'],
  ['GroupingFunc', 'grouping'],
] as const

function nameOfSubquery({ subLinkType, subselect }: { subLinkType?: string; subselect?: Node }) {
  if (subLinkType === 'EXISTS_SUBLINK') return 'exists'
  if (subLinkType === 'ARRAY_SUBLINK') return 'array'
  if (subLinkType !== 'EXPR_SUBLINK') return undefined
  const target = inside(inside(subselect, 'SelectStmt')?.targetList?.[0], 'ResTarget')
  return target?.name ?? nameOf(target?.val)
}
