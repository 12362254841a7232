import { CsvReader } from '#kit/load/csv.ts'

import type { QuarantinedLine } from './quarantine.ts'

/** A line in quarantine read into cells by the columns of its file. */
export interface Cells {
  cells: ReadonlyMap<string, string>
  /** False where the line could not be read, or not into as many cells as its file has columns. */
  isWhole: boolean
}

/** Reads a line in quarantine into cells, as far as that goes. */
export function cellsOfLine({
  raw_text: text,
  layout,
}: Pick<QuarantinedLine, 'raw_text' | 'layout'>): Cells {
  if (!layout) return { cells: new Map(), isWhole: false }
  if (layout.format !== 'csv') return cellsOfJson(text)
  const cells = splitCsv(text, layout.delimiter)
  const pairs = layout.names.map((name, at): [string, string] => [name, cells[at] ?? ''])
  return { cells: new Map(pairs), isWhole: cells.length === layout.names.length }
}

/** A line that is not CSV has no cells. */
function splitCsv(text: string, delimiter: string): string[] {
  let found: string[] = []
  const reader = new CsvReader(delimiter, (cells) => (found = cells ?? []))
  reader.push(text)
  reader.end()
  return found
}

function cellsOfJson(text: string): Cells {
  const row = objectIn(text)
  if (!row) return { cells: new Map(), isWhole: false }
  const written = objectIn(text, asWritten)
  const cells = Object.entries(row).map(([name, value]): [string, string] => [
    name,
    inCell(typeof value === 'number' ? written?.[name] : value),
  ])
  return { cells: new Map(cells), isWhole: true }
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
