import { CsvScanner } from './csv-scan.ts'
import type { Layout } from './encoder.ts'
import { jsonObject, wideRecordOf } from './json-record.ts'

/**
 * One record read into cells by the columns of its file, as text. Null where it cannot be read, or
 * not into as many cells as its file has columns: which of them is which would be a guess.
 */
export function cellsOfRecord(text: string, layout: Layout): ReadonlyMap<string, string> | null {
  if (layout.format !== 'csv') {
    const object = jsonObject(text)
    return object ? new Map(Object.entries(wideRecordOf(object) as Record<string, string>)) : null
  }
  const { names, delimiter } = layout
  const scanner = new CsvScanner(delimiter, names.length)
  const isRead = scanner.scan(Buffer.from(text), 0, true) === 'record'
  if (!isRead || scanner.count !== names.length) return null
  const { bytes, starts, ends } = scanner.cells
  return new Map(names.map((name, at) => [name, bytes.toString('utf8', starts[at], ends[at])]))
}
