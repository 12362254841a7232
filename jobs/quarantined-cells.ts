import { CsvScanner } from '#kit/encode/csv-scan.ts'

import type { QuarantinedLine } from './quarantine.ts'

/**
 * A line in quarantine read into cells by the columns of its file. Null where it cannot be read, or
 * not into as many cells as its file has columns: which of them is which would be a guess.
 */
export function cellsOfLine({
  raw_text: text,
  layout,
}: Pick<QuarantinedLine, 'raw_text' | 'layout'>): ReadonlyMap<string, string> | null {
  if (!layout) return null
  if (layout.format !== 'csv') return cellsOfJson(text)
  const { names, delimiter } = layout
  const scanner = new CsvScanner(delimiter, names.length)
  const isRead = scanner.scan(Buffer.from(text), 0, true) === 'record'
  if (!isRead || scanner.count !== names.length) return null
  const { bytes, starts, ends } = scanner.cells
  return new Map(names.map((name, at) => [name, bytes.toString('utf8', starts[at], ends[at])]))
}

function cellsOfJson(text: string): ReadonlyMap<string, string> | null {
  const row = objectIn(text)
  if (!row) return null
  const written = objectIn(text, asWritten)
  return new Map(
    Object.entries(row).map(([name, value]) => [
      name,
      inCell(typeof value === 'number' ? written?.[name] : value),
    ]),
  )
}

type Reviver = (name: string, value: unknown, context?: { source?: string }) => unknown

/** A number as its file writes it: 12.50 stays 12.50. */
const asWritten: Reviver = (_name, value, context) =>
  typeof value === 'number' ? (context?.source ?? value) : value

function objectIn(text: string, reviver?: Reviver): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text, reviver)
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {}
  return undefined
}

function inCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
