/**
 * CSV as RFC 4180 has it, in bytes: quotes, doubled quotes, newlines inside quotes, CRLF and LF. Of a
 * record, the scanner notes where its cells lie; no text is made.
 */
import type { Cells } from './rows.ts'

/** A line that is not CSV: what was found, what was expected. */
export interface Damage {
  found: string
  expected: string
}

/** What the scanner found: a record, a blank line, a damaged line, or no end yet. */
export type Found = 'record' | 'blank' | 'damage' | 'unfinished'

/** A record with quotes spans at most this many bytes; an unclosed quote costs one line, not the file. */
const longestQuoted = 64 * 1024

const quote = 0x22
const newline = 0x0a
const carriageReturn = 0x0d

const unclosed = { found: 'a quote that is never closed', expected: 'a closing quote' }
const trailing = {
  found: 'text after a closing quote',
  expected: 'the next column; a quote inside a quoted cell is written twice ("")',
}

/** Looks at one record at a time; what it found stands in its fields until it looks at the next. */
export class CsvScanner {
  /** The cells of the record. Where it has more than `width`, the one after those is its last. */
  readonly cells: Cells
  /** How many cells it has. */
  count = 0
  /** Where it ends, without its newline. */
  end = 0
  /** Where the next one begins. */
  next = 0
  /** The lines it fills, as an editor counts them. */
  lines = 1
  damage: Damage = unclosed
  readonly #width: number
  readonly #delimiter: number
  /** No byte above it ends a cell. */
  readonly #highest: number
  #unescaped = Buffer.alloc(0)

  constructor(delimiter: string, width: number) {
    this.#delimiter = delimiter.charCodeAt(0)
    this.#highest = Math.max(this.#delimiter, newline)
    this.#width = width
    const starts = new Int32Array(width + 1)
    const ends = new Int32Array(width + 1)
    this.cells = { bytes: this.#unescaped, starts, ends }
  }

  /** Looks at the record that begins at `start`. When `isLast`, the file ends with these bytes. */
  scan(bytes: Buffer, start: number, isLast: boolean): Found {
    const delimiter = this.#delimiter
    const highest = this.#highest
    const width = this.#width
    const { starts, ends } = this.cells
    const limit = bytes.length
    let hasQuotes = false
    let hasDoubled = false
    let at = start
    for (let count = 1; ; count++) {
      const slot = count <= width ? count - 1 : width
      this.count = count
      if (at < limit && bytes[at] === quote) {
        const close = closingQuote(bytes, start, at + 1)
        if (close === later && !isLast) return 'unfinished'
        if (close < 0) return this.#damaged(unclosed, bytes, start, isLast)
        hasQuotes = true
        hasDoubled ||= bytes.indexOf(quote, at + 1) < close
        starts[slot] = at + 1
        ends[slot] = close
        at = close + 1
        if (at < limit && bytes[at] === delimiter) {
          at++
          continue
        }
        const stop = at < limit && bytes[at] === carriageReturn ? at + 1 : at
        if (stop === limit && !isLast) return 'unfinished'
        if (stop < limit && bytes[stop] !== newline)
          return this.#damaged(trailing, bytes, start, isLast)
        this.end = at
        at = stop
        break
      }

      const from = at
      // Most bytes of a cell are letters and digits: one comparison tells that none of them ends it.
      while (at < limit) {
        const byte = bytes[at]!
        if (byte <= highest && (byte === delimiter || byte === newline)) break
        at++
      }
      if (at === limit && !isLast) return 'unfinished'
      starts[slot] = from
      ends[slot] = at
      if (at < limit && bytes[at] === delimiter) {
        at++
        continue
      }
      if (at > from && bytes[at - 1] === carriageReturn) ends[slot] = at - 1
      this.end = ends[slot]!
      break
    }
    this.next = at < limit ? at + 1 : limit
    this.lines = 1
    if (hasQuotes) this.lines += newlinesIn(bytes, start, this.end)
    else if (this.end === start) return 'blank'
    this.cells.bytes = hasDoubled ? this.#withoutDoubled(bytes, start) : bytes
    return 'record'
  }

  /** What is wrong with a line costs that line: the next record begins on the next one. */
  #damaged(damage: Damage, bytes: Buffer, start: number, isLast: boolean): Found {
    const found = bytes.indexOf(newline, start)
    if (found < 0 && !isLast) return 'unfinished'
    const stop = found < 0 ? bytes.length : found
    this.damage = damage
    this.end = stop > start && bytes[stop - 1] === carriageReturn ? stop - 1 : stop
    this.next = found < 0 ? stop : stop + 1
    this.lines = 1
    return 'damage'
  }

  /** The bytes of the cells with each doubled quote of a quoted cell made one; the cells lie there. */
  #withoutDoubled(bytes: Buffer, start: number): Buffer {
    const { starts, ends } = this.cells
    if (this.#unescaped.length <= this.end - start)
      this.#unescaped = Buffer.alloc(2 * (this.end - start + 1))
    const to = this.#unescaped
    let filled = 0
    for (let slot = 0; slot < Math.min(this.count, this.#width + 1); slot++) {
      const [from, stop] = [starts[slot]!, ends[slot]!]
      const isQuoted = from > start && bytes[from - 1] === quote
      starts[slot] = filled
      for (let at = from; at < stop; at++) {
        to[filled++] = bytes[at]!
        if (isQuoted && bytes[at] === quote) at++
      }
      ends[slot] = filled
      // Between two cells stands a byte of neither, so that what is half a character stays half.
      to[filled++] = this.#delimiter
    }
    return to
  }
}

const later = -1
const never = -2

/** Where the quote is that closes a cell whose text begins at `from`; or that it is not there yet, or never. */
function closingQuote(bytes: Uint8Array, start: number, from: number): number {
  const reach = Math.min(bytes.length, start + longestQuoted + 1)
  for (let at = from; at < reach; at++) {
    if (bytes[at] !== quote) continue
    if (bytes[at + 1] !== quote) return at
    at++
  }
  return bytes.length - start > longestQuoted ? never : later
}

function newlinesIn(bytes: Uint8Array, start: number, end: number): number {
  let count = 0
  for (let at = start; at < end; at++) if (bytes[at] === newline) count++
  return count
}
