import type { Kysely } from 'kysely'

import {
  quarantineCounts,
  quarantinedFiles,
  type QuarantinedFile,
  type Which,
} from '../../quarantine.ts'
import { bold, faint } from '../../terminal/colour.ts'
import { csv, type Format, json } from '../../terminal/formats.ts'
import { table } from '../../terminal/table.ts'
import { displayCount, displayInstant } from '../../terminal/values.ts'
import { whichWords, withQuarantine } from './find.ts'

/** `recoup quarantine list`: how many rows were set aside by feed and reason, and the newest files. */
export async function list({ format, ...which }: Which & { format: Format }) {
  await withQuarantine(which, async ({ db }) => {
    const [reasons, files] = [await quarantineCounts(db, which), await quarantinedFiles(db, which)]
    if (format === 'json') return console.log(json({ reasons, files }))
    if (format === 'csv')
      return console.log(csv(['feed', 'column', 'rows', 'reasons', 'reason'], reasons))
    const counts = await quarantineLines(db, which)
    if (counts === null) return console.log(`No row${whichWords(which)} is set aside.`)
    console.log(`${counts}\n\n${bold('Newest files')}\n${fileTable(files)}\n`)
    console.log(faint('The rows: recoup quarantine show. To mend them: recoup quarantine export'))
  })
}

/** A table of how many rows were set aside for which reason; null when there are none. */
export async function quarantineLines(
  db: Kysely<unknown>,
  which: Which = {},
): Promise<string | null> {
  const counts = await quarantineCounts(db, which)
  if (counts.length === 0) return null
  const rows = counts.map(({ feed, rows: lines, reason, reasons }) => [
    feed,
    lines === 0 ? 'file' : displayCount(lines),
    reasons === 1 ? reason : `${reason} (and ${reasons - 1} more such)`,
  ])
  return table(
    [{ title: 'Feed' }, { title: 'Rows', align: 'right' }, { title: 'Why', width: 76 }],
    rows,
  )
}

function fileTable(files: readonly QuarantinedFile[]): string {
  const columns = [
    { title: 'Loaded' },
    { title: 'Feed' },
    { title: 'Set aside', align: 'right' as const },
    { title: 'Of', align: 'right' as const },
    { title: 'File' },
  ]
  return table(
    columns,
    files.map(({ loaded_at: at, feed, rows, rows_read: read, file }) => [
      displayInstant(at),
      feed,
      rows === 0 ? 'refused' : displayCount(rows),
      rows === 0 ? '' : displayCount(read),
      file,
    ]),
  )
}
