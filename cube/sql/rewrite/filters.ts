import type { Node } from 'libpg-query'
import { type QueryDraft, memberExpression, parameter } from './cube-query.ts'
import { columnOf, type ViewColumn } from './model.ts'
import { printExpression } from './parse.ts'
import { LOSSLESS } from './source.ts'
import { inside, nameParts, textOf, withoutCasts } from './tree.ts'

/**
 * Puts the conditions on rows into the draft. Plain ones become filters of Cube, which rollups can
 * answer; the others become expressions, which only the rows can.
 */
export function addConditions(draft: QueryDraft, conditions: Node[]) {
  const days = new Map<string, DayRange>()
  for (const condition of conditions) {
    const range = dayRange(condition, draft)
    const member = range?.column.member
    const joined = range && intersection(days.get(range.column.member), range.range)
    if (member && joined) days.set(member, joined)
    else if (!addTextFilter(draft, condition)) addExpression(draft, condition)
  }
  for (const [dimension, { from, to }] of days) {
    const dateRange: [string, string] = [from, to]
    const grouped = draft.query.timeDimensions.find((one) => one.dimension === dimension)
    if (grouped) grouped.dateRange = dateRange
    else draft.query.timeDimensions.push({ dimension, dateRange })
  }
}

function addExpression(draft: QueryDraft, condition: Node) {
  const { segments } = draft.query
  segments.push(memberExpression(draft, `condition_${segments.length}`, condition))
}

/** A filter of Cube's compares the column itself, so none is made of what is masked. */
function isPlainText(column: ViewColumn | undefined): column is ViewColumn {
  return column?.kind === 'dimension' && column.type === 'string' && !column.masked
}

/** `marketplace = 'DE'`, `marketplace IN ('DE', $1)`, `reason IS NULL`. */
function addTextFilter(draft: QueryDraft, condition: Node): boolean {
  const test = inside(condition, 'NullTest')
  if (test) {
    const column = columnOf(test.arg, draft.view)
    if (!isPlainText(column)) return false
    const operator = test.nulltesttype === 'IS_NULL' ? 'notSet' : 'set'
    draft.query.filters.push({ member: column.member, operator })
    return true
  }
  const comparison = inside(condition, 'A_Expr')
  const column = columnOf(comparison?.lexpr, draft.view)
  if (!isPlainText(column)) return false
  if (nameParts(comparison?.name).join('.') !== '=') return false
  const values =
    comparison?.kind === 'AEXPR_OP'
      ? [comparison.rexpr]
      : comparison?.kind === 'AEXPR_IN'
        ? inside(comparison.rexpr, 'List')?.items
        : undefined
  if (!values?.length || !values.every(isText)) return false
  draft.query.filters.push({
    member: column.member,
    operator: 'equals',
    values: values.map((value) => parameter(draft, printExpression(value!))),
  })
  return true
}

function isText(node: Node | undefined): boolean {
  return textOf(node) !== undefined || Boolean(node && 'ParamRef' in node)
}

/** Days from and to, both included; an open end is as far as a date of Cube's goes. */
interface DayRange {
  from: string
  to: string
}

const FIRST = '0001-01-01'
const LAST = '9999-12-31'

/** `day >= '2026-01-01'`, `day BETWEEN ... AND ...`, as the days they mean. */
function dayRange(
  condition: Node,
  { view }: QueryDraft,
): { column: ViewColumn; range: DayRange } | undefined {
  const comparison = inside(condition, 'A_Expr')
  if (!comparison?.lexpr) return undefined
  const column = columnOf(withoutCasts(comparison.lexpr, LOSSLESS), view)
  if (column?.sqlType !== 'date' || column.masked) return undefined
  const range = rangeOf(comparison.kind, nameParts(comparison.name).join('.'), comparison.rexpr)
  return range && { column, range }
}

function rangeOf(kind: string | undefined, operator: string, right?: Node): DayRange | undefined {
  if (kind === 'AEXPR_BETWEEN') {
    const [from, to] = (inside(right, 'List')?.items ?? []).map(dayOf)
    return from && to ? { from, to } : undefined
  }
  const day = kind === 'AEXPR_OP' ? dayOf(right) : undefined
  if (!day) return undefined
  if (operator === '=') return { from: day, to: day }
  if (operator === '>=') return { from: day, to: LAST }
  if (operator === '<=') return { from: FIRST, to: day }
  if (operator === '>') return { from: shifted(day, 1), to: LAST }
  if (operator === '<') return { from: FIRST, to: shifted(day, -1) }
  return undefined
}

/** A constant that is a day: '2026-01-01', also with a time of midnight and a cast. */
function dayOf(node: Node | undefined): string | undefined {
  const value = node && textOf(withoutCasts(node, LOSSLESS))
  const day = /^(\d{4}-\d{2}-\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?$/.exec(value ?? '')?.[1]
  if (!day || day <= '1000' || day >= '9000') return undefined
  // No month of Postgres's either has a 31st of February: it says so itself.
  return new Date(`${day}T00:00Z`).toJSON()?.startsWith(day) ? day : undefined
}

function shifted(day: string, days: number): string {
  const date = new Date(`${day}T00:00Z`)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

/** Nothing where no day is in both: Cube takes no empty range. */
function intersection(one: DayRange = { from: FIRST, to: LAST }, other: DayRange) {
  const from = one.from > other.from ? one.from : other.from
  const to = one.to < other.to ? one.to : other.to
  return from <= to ? { from, to } : undefined
}
