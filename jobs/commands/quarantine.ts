import type { Kysely } from 'kysely'

import { requireWarehouse } from '../kpis/with-cube.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { quarantineCounts, quarantined, type QuarantinedRow } from '../quarantine.ts'
import { bold, faint } from '../terminal/colour.ts'
import { csv, json, type Format } from '../terminal/formats.ts'
import { table } from '../terminal/table.ts'
import { displayCount } from '../terminal/values.ts'
import { openWorks } from '../worker.ts'
import { findSource } from './ingest.ts'

/** What was typed after `recoup quarantine`. */
interface Typed {
  feed?: string
  limit: number
  format: Format
}

/** `recoup quarantine`: the rows that were set aside, each with its place, its text and the reason. */
export async function quarantine({ feed, limit, format }: Typed) {
  if (feed !== undefined) findSource(feed)
  requireWarehouse()
  await withWarehouse(async ({ url }) => {
    await using works = await openWorks(url)
    const rows = await quarantined(works.db, { ...(feed && { feed }), limit })
    if (format === 'json') return console.log(json(rows))
    if (format === 'csv')
      return console.log(csv(['feed', 'file', 'line', 'reason', 'raw_text'], rows))
    const counts = await quarantineLines(works.db, feed)
    if (counts === null) return console.log('No row was set aside.')
    console.log(`${counts}\n`)
    for (const row of rows) console.log(describe(row))
  })
}

/** A table of how many rows were set aside for which reason; null when there are none. */
export async function quarantineLines(db: Kysely<unknown>, feed?: string): Promise<string | null> {
  const counts = (await quarantineCounts(db)).filter((count) => !feed || count.feed === feed)
  if (counts.length === 0) return null
  const rows = counts.map(({ feed: name, rows: lines, reason, reasons }) => [
    name,
    lines === 0 ? 'file' : displayCount(lines),
    reasons === 1 ? reason : `${reason} (and ${reasons - 1} more such)`,
  ])
  return table(
    [{ title: 'Feed' }, { title: 'Rows', align: 'right' }, { title: 'Why', width: 76 }],
    rows,
  )
}

function describe({ file, line, reason, raw_text: text }: QuarantinedRow): string {
  // Line 0 stands for the whole file, which the reason names.
  if (line === 0) return `${bold('Refused')}  ${reason}`
  return `${bold(`${file}, line ${line}`)}  ${reason}\n  ${faint(shorten(text))}`
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > 96 ? `${line.slice(0, 95)}…` : line
}
