/** NDJSON to tuples. */
import type { Source } from '../asset.ts'
import { type Column, columns } from '../table.ts'
import type { EncoderOptions } from './csv.ts'
import type { Encoder, Layout, Position, Sink } from './encoder.ts'
import { jsonObject, recordOf, wideRecordOf } from './json-record.ts'
import { headOf, longestLine, LongLine, tooLong } from './long-line.ts'
import { NdjsonScanner } from './ndjson-scan.ts'
import { Rows } from './rows.ts'

/** An encoder of one NDJSON file of a feed. */
export function ndjsonEncoder(
  source: Source,
  layout: Layout & { format: 'ndjson' },
  sink: Sink,
  { loadId, from = { offset: 0, line: 0 } }: EncoderOptions,
): Encoder<Buffer> {
  return new NdjsonEncoder(source, layout.names, sink, loadId, from)
}

const none = Buffer.alloc(0)
const newline = 0x0a
const carriageReturn = 0x0d

class NdjsonEncoder implements Encoder<Buffer> {
  readonly columns: readonly string[]
  #offset: number
  #line: number
  readonly #isWide: boolean
  readonly #known: readonly Column[]
  readonly #rows: Rows
  readonly #scanner: NdjsonScanner
  /** For each column of the tuple, its value in an object; that of a column which no object has is null. */
  readonly #places: Int32Array
  /** The line that had no end yet. */
  #rest: Buffer = none
  #long: LongLine | null = null

  constructor(
    source: Source,
    names: readonly string[],
    sink: Sink,
    loadId: number,
    from: Position,
  ) {
    const described = columns(source)
    const known = described.map(({ name }) => name)
    const inFile = names.filter((name) => known.includes(name))
    const others = known.filter((name) => !names.includes(name))
    const order = source.reshape ? known : [...inFile, ...others]
    this.#offset = from.offset
    this.#line = from.line
    this.#isWide = source.reshape !== null
    this.#known = described
    this.#rows = new Rows(source, order, sink, loadId)
    const bare = names.map((name) => this.#rows.fields[order.indexOf(name)]?.bare)
    this.#scanner = new NdjsonScanner(
      names,
      bare.map((kind) => (kind === undefined ? 'any' : kind)),
    )
    this.#places = Int32Array.from(order, (name) =>
      names.includes(name) ? names.indexOf(name) : names.length,
    )
    this.columns = this.#rows.tuples.columns
  }

  get position(): Position {
    return { offset: this.#offset, line: this.#line }
  }

  push(piece: Buffer) {
    let at = 0
    if (this.#long) at = this.#pass(this.#long, piece)
    else if (this.#rest.length > 0) at = this.#takeSplit(this.#rest, piece)
    for (let end = piece.indexOf(newline, at); end >= 0; end = piece.indexOf(newline, at)) {
      this.#take(piece, at, end)
      this.#advance(end + 1 - at)
      at = end + 1
    }
    if (at < piece.length) this.#keep(Buffer.from(piece.subarray(at)))
    this.#rows.tuples.flush()
  }

  /** Takes the line that began in an earlier piece; returns where the next begins. */
  #takeSplit(rest: Buffer, piece: Buffer): number {
    const end = piece.indexOf(newline)
    this.#rest = none
    if (end < 0) {
      this.#keep(Buffer.concat([rest, piece]))
      return piece.length
    }
    const line = Buffer.concat([rest, piece.subarray(0, end)])
    this.#take(line, 0, line.length)
    this.#advance(line.length + 1)
    return end + 1
  }

  #keep(rest: Buffer) {
    // One more than the longest: a carriage return may be part of the line's end.
    if (rest.length > longestLine + 1) this.#long = new LongLine(rest)
    else this.#rest = rest
  }

  #advance(bytes: number) {
    this.#offset += bytes
    this.#line++
  }

  end() {
    const rest = this.#rest
    this.#rest = none
    if (this.#long) this.#endLong(this.#long)
    else if (rest.length > 0) {
      this.#take(rest, 0, rest.length)
      this.#advance(rest.length)
    }
    this.#rows.tuples.flush()
  }

  #take(bytes: Buffer, start: number, newlineAt: number) {
    const hasReturn = newlineAt > start && bytes[newlineAt - 1] === carriageReturn
    const end = hasReturn ? newlineAt - 1 : newlineAt
    const line = this.#line + 1
    if (end - start > longestLine) {
      const long = bytes.subarray(start, end)
      return this.#rows.reject(line, headOf(long), tooLong(long.length))
    }
    if (this.#scanner.scan(bytes, start, end))
      if (this.#rows.accepts(this.#scanner.cells, this.#places, line)) return
    this.#judge(bytes.toString('utf8', start, end), line)
  }

  #judge(text: string, line: number) {
    if (text.trim() === '') return
    const object = jsonObject(text)
    if (!object) return this.#rows.reject(line, text, [notJson])
    const record = this.#isWide ? wideRecordOf(object) : recordOf(object, this.#known)
    this.#rows.judge(record, line, () => text)
  }

  /** Reads past a long line; returns where the next begins. */
  #pass(long: LongLine, bytes: Buffer): number {
    const next = long.pass(bytes)
    if (next < 0) return bytes.length
    this.#endLong(long)
    return next
  }

  #endLong(long: LongLine) {
    this.#rows.reject(this.#line + 1, long.head, tooLong(long.length))
    this.#offset += long.read
    this.#line += long.lines
    this.#long = null
  }
}

const notJson = {
  column: null,
  found: 'a line that is not JSON',
  expected: 'one JSON object a line',
}
