import { cellsOfRecord } from '#kit/encode/cells-of-record.ts'
import type { Reason } from '#kit/encode/reasons.ts'

import {
  quarantined,
  type QuarantinedLine,
  quarantinedLines,
  type QuarantinedRow,
  type Which,
} from '../../quarantine.ts'
import { bad, bold, faint } from '../../terminal/colour.ts'
import { csv, type Format, json } from '../../terminal/formats.ts'
import { UsageError } from '../../terminal/mistakes.ts'
import { displayInstant, printable } from '../../terminal/values.ts'
import { whichWords, withQuarantine } from './find.ts'

/** `recoup quarantine show [row...]`: rows that were set aside, each with its place, text and reason. */
export async function show(
  names: readonly string[],
  { limit, format, ...which }: Which & { limit: number; format: Format },
) {
  await withQuarantine(which, async ({ db }) => {
    const rows = names.length > 0 ? await byName() : await quarantined(db, { ...which, limit })
    if (format === 'json') return console.log(json(rows))
    if (format === 'csv')
      return console.log(csv(['row', 'feed', 'file', 'line', 'reason', 'raw_text'], rows))
    if (rows.length === 0) return console.log(`No row${whichWords(which)} is set aside.`)
    const words = names.length > 0 ? (rows as QuarantinedLine[]).map(inFull) : rows.map(inShort)
    console.log(words.join(names.length > 0 ? '\n\n' : '\n'))
    if (rows.length === limit) console.log(faint(`\nThe first ${limit}. More: --limit <n>`))

    async function byName(): Promise<QuarantinedLine[]> {
      const found = await quarantinedLines(db, names)
      const missing = names.filter((name) => !found.some(({ row }) => row === name))
      if (missing.length === 0) return found
      throw new UsageError(
        `There is no row ${missing.join(', ')} in quarantine. Rows are named such as 12:345, the ` +
          'load and the line of its file: recoup quarantine show',
      )
    }
  })
}

function inShort({ row, file, line, reason, raw_text: text }: QuarantinedRow): string {
  // Line 0 stands for the whole file, which the reason names.
  if (line === 0) return `${bad('Refused')}  ${reason}`
  return `${bold(row)}  ${file}, line ${line}: ${reason}\n  ${faint(shorten(text))}`
}

/** The cells of a row under each other, each with what is wrong with it. */
function inFull(line: QuarantinedLine): string {
  if (line.line === 0) return inShort(line)
  const title = `${line.feed}: ${line.file}, line ${line.line}, ${displayInstant(line.quarantined_at)}`
  const cells = line.layout && cellsOfRecord(line.raw_text, line.layout)
  const lines = cells ? cellLines(cells, line.reasons) : [`  ${printable(line.raw_text)}`]
  return [`${bold(line.row)}  ${title}`, line.reason, ...lines].join('\n')
}

function cellLines(cells: ReadonlyMap<string, string>, reasons: readonly Reason[]): string[] {
  const width = Math.max(0, ...[...cells.keys()].map(({ length }) => length))
  const faults = new Map(reasons.map((reason) => [reason.column, reason]))
  return [...cells].map(([name, cell]) => {
    const fault = faults.get(name)
    const start = `  ${name.padEnd(width)}  ${printable(cell)}`
    return fault ? `${bad(start)}  ${faint('expected')} ${fault.expected}` : start
  })
}

function shorten(text: string): string {
  const line = printable(text.slice(0, 400).replaceAll(/\s+/g, ' '))
  return line.length > 96 ? `${line.slice(0, 95)}…` : line
}
