/** CSV, past its header, to tuples. */
import { isUtf8 } from 'node:buffer'
import type { Source } from '../asset.ts'
import type { Reason } from './reasons.ts'
import { columns } from '../table.ts'
import { shown } from '../words.ts'
import { CsvScanner } from './csv-scan.ts'
import type { Encoder, Layout, Position, Sink } from './encoder.ts'
import { headOf, longestLine, LongLine, tooLong } from './long-line.ts'
import { type Cells, type Raw, Rows } from './rows.ts'

/** Which load a file's rows belong to, and where in the file it begins. */
export interface EncoderOptions {
  /** What people call the file. */
  file: string
  loadId: number
  /** Where the bytes pushed first stand: the end of the header, or of the last record loaded. */
  from?: Position
}

/** An encoder of one CSV file of a feed. The first bytes pushed are those after its header. */
export function csvEncoder(
  source: Source,
  layout: Layout & { format: 'csv' },
  sink: Sink,
  { loadId, from = { offset: 0, line: 1 } }: EncoderOptions,
): Encoder<Buffer> {
  return new CsvEncoder(source, layout, sink, loadId, from)
}

const none = Buffer.alloc(0)

class CsvEncoder implements Encoder<Buffer> {
  readonly columns: readonly string[]
  #offset: number
  #line: number
  readonly #names: readonly string[]
  /** Which of them the contract knows; of a wide file all are read. */
  readonly #isRead: readonly boolean[]
  readonly #isWide: boolean
  readonly #rows: Rows
  readonly #scanner: CsvScanner
  /** For each column of the tuple, its cell in a record of the file. */
  readonly #places: Int32Array
  /** The record that had no end yet. */
  #rest: Buffer = none
  #long: LongLine | null = null

  constructor(
    source: Source,
    { names, delimiter }: Layout & { format: 'csv' },
    sink: Sink,
    loadId: number,
    from: Position,
  ) {
    const known = columns(source).map(({ name }) => name)
    const isWide = source.reshape !== null
    const inFile = isWide ? known : names.filter((name) => known.includes(name))
    this.#offset = from.offset
    this.#line = from.line
    this.#names = names
    this.#isWide = isWide
    this.#isRead = names.map((name) => isWide || known.includes(name))
    this.#rows = new Rows(source, inFile, sink, loadId)
    this.#scanner = new CsvScanner(delimiter, names.length)
    this.#places = Int32Array.from(inFile, (name) => names.indexOf(name))
    this.columns = this.#rows.tuples.columns
  }

  get position(): Position {
    return { offset: this.#offset, line: this.#line }
  }

  push(piece: Buffer) {
    this.#read(piece, false)
    this.#rows.tuples.flush()
  }

  end() {
    this.#read(none, true)
    this.#rows.tuples.flush()
  }

  /** Reads whole records; what is left belongs to one that has not ended. */
  #read(piece: Buffer, isLast: boolean) {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece
    const scanner = this.#scanner
    let at = this.#long ? this.#pass(this.#long, bytes, isLast) : 0
    while (at < bytes.length) {
      const found = scanner.scan(bytes, at, isLast)
      if (found === 'unfinished') break
      if (found !== 'blank') this.#take(found, bytes, at)
      this.#advance(scanner.next - at, scanner.lines)
      at = scanner.next
    }
    const rest = bytes.subarray(at)
    // One more than the longest: a carriage return may be part of the line's end.
    const isLong = rest.length > longestLine + 1
    if (isLong) this.#long = new LongLine(rest)
    this.#rest = isLong ? none : Buffer.from(rest)
  }

  #advance(bytes: number, lines: number) {
    this.#offset += bytes
    this.#line += lines
  }

  #take(found: 'record' | 'damage', bytes: Buffer, start: number) {
    const { cells, count, end, damage } = this.#scanner
    const line = this.#line + 1
    if (end - start > longestLine) {
      const long = bytes.subarray(start, end)
      this.#rows.reject(line, headOf(long), tooLong(long.length))
    } else if (found === 'damage') {
      this.#rows.reject(line, bytes.toString('utf8', start, end), [{ column: null, ...damage }])
    } else if (count !== this.#names.length) {
      this.#rows.reject(line, bytes.toString('utf8', start, end), [this.#ragged(cells, count)])
    } else if (!this.#rows.accepts(cells, this.#places, line)) {
      this.#judge(cells, line, () => bytes.toString('utf8', start, end))
    }
  }

  /** Reads past a long line; returns where the next record begins. */
  #pass(long: LongLine, bytes: Buffer, isLast: boolean): number {
    const next = long.pass(bytes)
    if (next < 0 && !isLast) return bytes.length
    this.#rows.reject(this.#line + 1, long.head, tooLong(long.length))
    this.#advance(long.read, long.lines)
    this.#long = null
    return next < 0 ? bytes.length : next
  }

  /** Decodes a record for zod: an empty cell is null, but a wide record is reshaped as it is. */
  #judge({ bytes, starts, ends }: Cells, line: number, raw: () => string) {
    const last = this.#names.length - 1
    const isText = isUtf8(bytes.subarray(starts[0], ends[last]))
    const record: Raw = {}
    for (const [i, name] of this.#names.entries()) {
      if (!this.#isRead[i]) continue
      const cell = bytes.toString('utf8', starts[i], ends[i])
      record[name] = cell === '' && !this.#isWide ? null : cell
      if (isText) continue
      const fault = faultOf(name, bytes.subarray(starts[i], ends[i]))
      if (fault) return this.#rows.reject(line, raw(), [fault])
    }
    this.#rows.judge(record, line, raw)
  }

  #ragged({ bytes, starts, ends }: Cells, count: number): Reason {
    const width = this.#names.length
    const last = count <= width ? count - 1 : width
    const cell = bytes.toString('utf8', starts[last], ends[last])
    return {
      column: null,
      found: `${count} cells, the last being ${shown(cell)}`,
      expected: `${width} cells, as in the header`,
    }
  }
}

/** What is wrong with a cell that is not UTF-8: its first such byte. */
function faultOf(column: string, cell: Buffer): Reason | null {
  if (isUtf8(cell)) return null
  let good = 0
  for (const char of cell.toString()) {
    if (char === '\uFFFD' && cell.toString('hex', good, good + 3) !== 'efbfbd') break
    good += Buffer.byteLength(char)
  }
  const byte = cell[good]!.toString(16).toUpperCase().padStart(2, '0')
  return {
    column,
    found: `the byte 0x${byte} after ${shown(cell.toString('utf8', 0, good))}`,
    expected: 'UTF-8 text; save the file as UTF-8',
  }
}
