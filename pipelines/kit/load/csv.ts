/**
 * CSV as RFC 4180 has it: quotes, doubled quotes, newlines inside quotes, CRLF. Text arrives in
 * pieces cut anywhere; where they are cut never changes what is read.
 */

/** One record: its cells, or null and what is wrong with its line; `raw` is the text it came from. */
export type OnRecord = (
  cells: string[] | null,
  raw: string,
  line: number,
  damage: Damage | null,
) => void

/** A line that is not CSV: what was found, what was expected. */
export interface Damage {
  found: string
  expected: string
}

/** A record with quotes spans at most this many characters; an unclosed quote costs one line, not the file. */
const longestQuoted = 64 * 1024

interface Record {
  cells: string[] | null
  /** Where the record ends and the next begins. */
  end: number
  next: number
  damage: Damage | null
}

const unclosed = { found: 'a quote that is never closed', expected: 'a closing quote' }
const trailing = {
  found: 'text after a closing quote',
  expected: 'the next column; a quote inside a quoted cell is written twice ("")',
}

/** Splits text into records and hands them on. Lines are counted as an editor counts them. */
export class CsvReader {
  #rest = ''
  #line: number
  readonly #delimiter: string
  readonly #onRecord: OnRecord

  constructor(delimiter: string, onRecord: OnRecord, firstLine = 1) {
    this.#delimiter = delimiter
    this.#onRecord = onRecord
    this.#line = firstLine
  }

  push(text: string) {
    this.#rest = this.#read(this.#rest === '' ? text : this.#rest + text, false)
  }

  /** Characters of the record that has not ended yet. */
  get unfinished(): number {
    return this.#rest.length
  }

  end() {
    this.#read(this.#rest, true)
    this.#rest = ''
  }

  /** Reads whole records; what is left belongs to a record that has not ended. */
  #read(text: string, final: boolean): string {
    let at = 0
    let quote = text.indexOf('"')
    while (at < text.length) {
      let end = text.indexOf('\n', at)
      if (end < 0) {
        if (!final) break
        end = text.length
      }
      if (quote >= 0 && quote < at) quote = text.indexOf('"', at)
      if (quote < 0 || quote >= end) {
        this.#plain(text, at, end)
        at = end + 1
        continue
      }
      const record = this.#quoted(text, at, end, final)
      if (!record) break
      const raw = text.slice(at, record.end)
      this.#onRecord(record.cells, raw, this.#line, record.damage)
      this.#line += 1 + newlinesIn(raw)
      at = record.next
    }
    return text.slice(at)
  }

  /** A line without a quote: nearly every line there is. */
  #plain(text: string, at: number, end: number) {
    const stop = end > at && text.charCodeAt(end - 1) === 13 ? end - 1 : end
    const line = this.#line++
    if (stop === at) return
    const raw = text.slice(at, stop)
    this.#onRecord(raw.split(this.#delimiter), raw, line, null)
  }

  /** A record that begins on a line with a quote; undefined when its end has not arrived. */
  #quoted(text: string, start: number, lineEnd: number, final: boolean): Record | undefined {
    const damaged = (damage: Damage): Record => {
      const end = text[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd
      return { cells: null, end, next: lineEnd + 1, damage }
    }
    const cells: string[] = []
    for (let at = start; ; at++) {
      if (text[at] === '"') {
        const closed = closeQuote(text, start, at)
        if (closed === 'never') return damaged(unclosed)
        if (closed === 'later') return final ? damaged(unclosed) : undefined
        cells.push(closed.cell)
        at = closed.at
      } else {
        const stop = endOfCell(text, at, this.#delimiter)
        if (stop === text.length && !final) return undefined
        const isLast = text[stop] !== this.#delimiter
        const end = isLast && stop > at && text[stop - 1] === '\r' ? stop - 1 : stop
        cells.push(text.slice(at, end))
        if (isLast) return { cells, end, next: stop + 1, damage: null }
        at = stop
        continue
      }
      if (text[at] === this.#delimiter) continue
      const newline = text[at] === '\r' ? at + 1 : at
      if (newline >= text.length && !final) return undefined
      if (newline < text.length && text[newline] !== '\n') return damaged(trailing)
      return { cells, end: at, next: newline + 1, damage: null }
    }
  }
}

/** The cell that opens at `open`, and where what follows its closing quote begins. */
function closeQuote(
  text: string,
  start: number,
  open: number,
): { cell: string; at: number } | 'later' | 'never' {
  let cell = ''
  for (let from = open + 1; ;) {
    const quote = text.indexOf('"', from)
    const reach = quote < 0 ? text.length : quote
    if (reach - start > longestQuoted) return 'never'
    if (quote < 0) return 'later'
    cell += text.slice(from, quote)
    if (text[quote + 1] !== '"') return { cell, at: quote + 1 }
    cell += '"'
    from = quote + 2
  }
}

function endOfCell(text: string, at: number, delimiter: string): number {
  const newline = text.indexOf('\n', at)
  const line = newline < 0 ? text.length : newline
  const cut = text.indexOf(delimiter, at)
  return cut < 0 || cut > line ? line : cut
}

function newlinesIn(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}
