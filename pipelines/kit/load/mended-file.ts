/** A file that was exported from the quarantine, mended and sent again. */
import type { Source } from '../asset.ts'
import type { Layout, Sink } from '../encode/encoder.ts'
import { quarantineColumns, quarantineRow, unguarded } from '../mended.ts'
import type { Reason } from './reasons.ts'

/** A sink that is told which rows may leave the quarantine with the rows that landed. */
export interface ReleasingSink extends Sink {
  release(rows: readonly string[]): void
}

/** Whether the records of a file say which quarantined row they are. */
export function isMended({ names }: Layout): boolean {
  return names.includes(quarantineRow)
}

/**
 * The feed as a mended file has it: its cells without what guards them from spreadsheets. `onRecord`
 * is told of each record, before it is judged, which quarantined row it is.
 */
export function mendedSource(source: Source, onRecord: (row: string) => void = () => {}): Source {
  const { reshape } = source
  return {
    ...source,
    reshape(record) {
      const cells = Object.entries(record).filter(([name]) => !quarantineColumns.includes(name))
      const plain = Object.fromEntries(cells.map(([name, cell]) => [name, unguarded(cell)]))
      onRecord(record[quarantineRow] ?? '')
      return reshape ? reshape(plain) : [plain]
    },
  }
}

/** Stands between the encoder of a mended file and the sink of its load. */
export class MendedFile implements Sink {
  readonly source: Source
  readonly #sink: ReleasingSink
  /** The quarantined row that the record judged now is. */
  #row = ''
  /** By its line in the file, each record of which nothing was rejected so far. */
  readonly #accepted = new Map<number, string>()

  constructor(source: Source, sink: ReleasingSink) {
    this.source = mendedSource(source, (row) => (this.#row = row))
    this.#sink = sink
  }

  /** What was pushed is judged: its quarantined rows leave with the batch that has it. */
  settle() {
    if (this.#accepted.size > 0) this.#sink.release([...this.#accepted.values()])
    this.#accepted.clear()
  }

  room(): Buffer {
    return this.#sink.room()
  }

  /** Row by row, so that each is seen with its line. */
  isNew(high: number, low: number): boolean {
    this.#sink.isNew(high, low)
    return false
  }

  direct() {
    throw new Error('A mended row is never certainly new.')
  }

  staged(tuple: Uint8Array, high: number, low: number) {
    // A tuple ends with its line.
    const line = Buffer.from(tuple.buffer, tuple.byteOffset, tuple.length).readInt32BE(
      tuple.length - 4,
    )
    this.#accepted.set(line, this.#row)
    this.#sink.staged(tuple, high, low)
  }

  reject(line: number, raw: string, rows: number, reasons: Reason[]) {
    this.#accepted.delete(line)
    this.#sink.reject(line, raw, rows, reasons)
  }
}
