/** A file of rows that come from the quarantine, mended: those it brings home leave the quarantine. */
import type { Source } from '../asset.ts'
import type { Layout, Sink } from '../encode/encoder.ts'
import { quarantineNotes, quarantineRow, unguarded } from '../mended.ts'
import { columns } from '../table.ts'

/** Where a row was in quarantine. */
export interface MendedRow {
  loadId: number
  line: number
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
  onMended: (row: MendedRow) => void,
): Mending | null {
  if (layout.format !== 'csv' || !layout.names.includes(quarantineRow)) return null
  const known = columns(source).map(({ name }) => name)
  const rowsOf =
    source.reshape ??
    ((record: Record<string, string>) => [
      Object.fromEntries(known.map((name) => [name, record[name] ?? ''])),
    ])
  let row: MendedRow | null = null
  let missing = 0

  const reshape = (record: Record<string, string>) => {
    const cells = Object.entries(record)
      .filter(([name]) => name !== quarantineRow && !quarantineNotes.includes(name))
      .map(([name, cell]) => [name, unguarded(cell)])
    const rows = rowsOf(Object.fromEntries(cells) as Record<string, string>)
    row = placeOf(record[quarantineRow] ?? '')
    missing = rows.length
    return rows
  }
  const isNew = (high: number, low: number) => {
    // Asked for each row that is accepted.
    if (--missing === 0 && row) onMended(row)
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

/** '12:345' is line 345 of load 12. */
function placeOf(cell: string): MendedRow | null {
  const [, loadId, line] = /^\s*(\d{1,15}):(\d{1,9})\s*$/.exec(cell) ?? []
  return loadId && line ? { loadId: Number(loadId), line: Number(line) } : null
}
