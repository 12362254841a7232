/** Made-up rows as text: CSV, and NDJSON as JSON.stringify writes it. */
import { closeSync, openSync, writeSync } from 'node:fs'

import { columns } from '#kit/table.ts'

import type { MadeUp } from '../feeds/made-up.ts'
import { type Expected, makeRows, type Rows } from './rows.ts'

const written = 1 << 20

export function writeCsv(path: string, feed: MadeUp, wanted: Rows): Expected {
  const names = columns(feed.source).map(({ name }) => name)
  return writeLines(path, feed, wanted, `${names.join(',')}\n`, (cells) => {
    let line = ''
    for (const cell of cells) line += `${line === '' ? '' : ','}${cell === null ? '' : csv(cell)}`
    return `${line}\n`
  })
}

export function writeNdjson(path: string, feed: MadeUp, wanted: Rows): Expected {
  const all = columns(feed.source)
  const heads = all.map(({ name }, place) => `${place === 0 ? '{' : ','}"${name}":`)
  const bare = all.map(({ type }) => type.startsWith('int') || type === 'bool')
  return writeLines(path, feed, wanted, '', (cells) => {
    let line = ''
    for (const [place, cell] of cells.entries())
      line += `${heads[place]}${cell === null ? 'null' : bare[place] ? cell : json(cell)}`
    return `${line}}\n`
  })
}

function writeLines(
  path: string,
  feed: MadeUp,
  wanted: Rows,
  header: string,
  line: (cells: (string | null)[]) => string,
): Expected {
  const file = openSync(path, 'w')
  let text = header
  const expected = makeRows(feed, wanted, (cells) => {
    text += line(cells)
    if (text.length < written) return
    writeSync(file, text)
    text = ''
  })
  writeSync(file, text)
  closeSync(file)
  return expected
}

function csv(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

function json(cell: string): string {
  return cell.includes('"') ? JSON.stringify(cell) : `"${cell}"`
}
