/** The first line of a CSV file: which delimiter, which columns, in which order. */
import type { Source } from '../asset.ts'
import { requiredColumns } from './header.ts'

/** What separates columns, the likeliest first. */
const delimiters = [',', ';', '\t', '|']

/** Reads a header: of the delimiters the one that makes the most columns of the feed is meant. */
export function readHeader(
  source: Source,
  line: string,
  forced?: string,
): { delimiter: string; names: string[] } {
  const required = requiredColumns(source)
  const readings = (forced === undefined ? delimiters : [forced]).map((delimiter) => {
    const names = cellsOf(line, delimiter).map((name) => name.trim())
    return { delimiter, names, known: required.filter((name) => names.includes(name)).length }
  })
  const [best] = readings.sort((a, b) => b.known - a.known || b.names.length - a.names.length)
  return { delimiter: best?.delimiter ?? ',', names: best?.names ?? [] }
}

/** Where the header ends: at the first newline that is not inside quotes. -1: not within these bytes. */
export function headerEnd(head: Buffer, start: number): number {
  for (let at = start, isQuoted = false; at < head.length; at++) {
    if (head[at] === 0x22) isQuoted = !isQuoted
    else if (head[at] === 10 && !isQuoted) return at
  }
  return -1
}

function cellsOf(line: string, delimiter: string): string[] {
  const cells: string[] = []
  for (let at = 0; at <= line.length; at++) {
    const closing = line[at] === '"' ? closingQuote(line, at) : -1
    const found = line.indexOf(delimiter, Math.max(at, closing))
    const end = found < 0 ? line.length : found
    cells.push(
      closing < 0 ? line.slice(at, end) : line.slice(at + 1, closing).replaceAll('""', '"'),
    )
    at = end
  }
  return cells
}

function closingQuote(line: string, open: number): number {
  let at = line.indexOf('"', open + 1)
  while (at >= 0 && line[at + 1] === '"') at = line.indexOf('"', at + 2)
  return at
}
