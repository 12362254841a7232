/** A file of rows that come from the quarantine, mended: those it brings home leave the quarantine. */
import type { Source } from '../asset.ts'
import type { Layout, Sink } from '../encode/encoder.ts'
import { quarantineColumns, quarantineRow, unguarded } from '../mended.ts'
import { columns } from '../table.ts'

/** Whether the records of a file say which quarantined rows they are. */
export function isMended({ names }: Layout): boolean {
  return names.includes(quarantineRow)
}

/** A source and a sink that notice which rows are accepted. */
interface Mending {
  source: Source
  sink: Sink
}

/**
 * Reads a mended file as a wide one, so that each record is seen whole before it is judged: its cells
 * lose the apostrophes that guarded them, and once all its rows are accepted `onMended` is told. Null
 * for any other file. Such files are small; they pass zod row by row.
 */
export function mending(
  source: Source,
  layout: Layout,
  sink: Sink,
  onMended: (row: string) => void = () => {},
): Mending | null {
  if (!isMended(layout)) return null
  const known = columns(source).map(({ name }) => name)
  const rowsOf =
    source.reshape ??
    ((record: Record<string, string>) => [
      Object.fromEntries(known.map((name) => [name, record[name] ?? ''])),
    ])
  let row = ''
  let missing = 0

  const reshape = (record: Record<string, string>) => {
    const cells = Object.entries(record)
      .filter(([name]) => !quarantineColumns.includes(name))
      .map(([name, cell]) => [name, unguarded(cell)])
    const rows = rowsOf(Object.fromEntries(cells) as Record<string, string>)
    row = record[quarantineRow]?.trim() ?? ''
    missing = rows.length
    return rows
  }
  const isNew = (high: number, low: number) => {
    // Asked for each row that is accepted.
    if (--missing === 0 && row !== '') onMended(row)
    return sink.isNew(high, low)
  }
  return {
    source: { ...source, reshape },
    sink: {
      room: () => sink.room(),
      isNew,
      direct: (tuples, rows) => sink.direct(tuples, rows),
      staged: (tuple, high, low) => sink.staged(tuple, high, low),
      reject: (line, raw, rows, reasons) => sink.reject(line, raw, rows, reasons),
    },
  }
}
