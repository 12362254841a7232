/** Why a row was not accepted, in data and in words. */
import type * as z from 'zod'
import type { Column } from '../table.ts'
import { listed, meant, nearestFirst, shown } from '../words.ts'

/** One thing wrong with one row. The column is null when the line could not be read at all. */
export interface Reason {
  column: string | null
  found: string
  expected: string
}

/** The reasons a contract gives, one a column. */
export function reasonsOf(
  issues: readonly z.core.$ZodIssue[],
  record: Readonly<Record<string, unknown>>,
  columns: readonly Column[],
): Reason[] {
  const rules = issues.flatMap((issue) => (isRule(issue) ? [brokenRule(issue)] : []))
  if (rules.length > 0) return rules
  // What a spreadsheet leaves below its last row is one fault, not one a column.
  if (columns.every(({ name }) => (record[name] ?? '') === ''))
    return [{ column: null, found: 'only empty cells', expected: 'values, or no line at all' }]
  const broken = new Set(issues.map(({ path }) => String(path[0] ?? '')))
  const reasons = columns
    .filter(({ name }) => broken.delete(name))
    .map((column) => reasonFor(column, record[column.name]))
  // What is left speaks of the row as a whole.
  for (const { path, message } of issues)
    if (broken.has(String(path[0] ?? '')))
      reasons.push({ column: null, found: 'this row', expected: message })
  return reasons
}

/** A rule of the feed is asked last, and tells itself what it found. */
function isRule(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueCustom {
  return issue.code === 'custom' && typeof issue.params?.['found'] === 'string'
}

function brokenRule({ path, message, params }: z.core.$ZodIssueCustom): Reason {
  return { column: String(path[0]), found: String(params?.['found']), expected: `that ${message}` }
}

function reasonFor({ name, codes, expects }: Column, value: unknown): Reason {
  const found = value === null || value === undefined ? 'nothing' : shown(value)
  if (!codes) return { column: name, found, expected: expects }
  return { column: name, found, expected: `one of ${listed(allowed(codes, value))}` }
}

function allowed(codes: readonly string[], value: unknown): readonly string[] {
  return typeof value === 'string' && meant(value, codes) ? nearestFirst(value, codes) : codes
}

/** 'currency: found "EURO", expected one of EUR, USD. Did you mean EUR?' */
export function sentence(reasons: readonly Reason[], columns: readonly Column[]): string {
  return reasons
    .map(({ column, found, expected }) => {
      const codes = columns.find(({ name }) => name === column)?.codes ?? []
      const guess = found.startsWith('"') ? meant(found, codes) : undefined
      const start = column === null ? '' : `${column}: `
      const end = expected.endsWith('?') ? '' : '.'
      return `${start}found ${found}, expected ${expected}${end}${guess ? ` Did you mean ${guess}?` : ''}`
    })
    .join(' ')
}
