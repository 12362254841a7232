/** Lines in quarantine as a CSV file in the shape of their feed, to be mended and ingested again. */
import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Source } from '#kit/asset.ts'
import type { Layout } from '#kit/encode/encoder.ts'
import { feedName } from '#kit/read/header.ts'
import { guarded, quarantineReason, quarantineRow, quarantineText } from '#kit/mended.ts'
import { columns } from '#kit/table.ts'

import { everyQuarantinedLine, type QuarantinedLine, type Which } from './quarantine.ts'
import { cellsOfLine } from './quarantined-cells.ts'
import { csvLine } from './terminal/formats.ts'

/** Spreadsheets take a CSV file for UTF-8 only if it begins with this. */
const byteOrderMark = '\uFEFF'

/**
 * The file, line by line: the feed's columns, which quarantined row a line is and why, and the text
 * of lines that could not be read into cells. Refused files are not part of it.
 */
export async function* mendable(
  db: Kysely<AnyDatabase>,
  source: Source,
  which: Omit<Which, 'feed'> = {},
): AsyncGenerator<string> {
  const feed = feedName(source)
  const names = await namesOf(db, source)
  yield byteOrderMark + csvLine([...names, quarantineRow, quarantineReason, quarantineText])
  for await (const line of everyQuarantinedLine(db, { ...which, feed }))
    yield csvLine(cellsOf(line, names).map(guarded))
}

function cellsOf(line: QuarantinedLine, names: readonly string[]): string[] {
  const cells = cellsOfLine(line)
  // A line without cells is not accepted until they are filled in: a feed needs some of them.
  const text = cells ? '' : line.raw_text
  return [...names.map((name) => cells?.get(name) ?? ''), line.row, line.reason, text]
}

/** The columns of the contract; of a wide feed, those of its files. */
async function namesOf(db: Kysely<AnyDatabase>, source: Source): Promise<string[]> {
  if (!source.reshape) return columns(source).map(({ name }) => name)
  const { rows } = await sql<{ layout: Layout }>`
    select distinct layout from raw.load
    where feed = ${feedName(source)} and layout is not null
      and load_id in (select load_id from raw.quarantine)`.execute(db)
  const all = new Set(rows.flatMap(({ layout }) => layout.names).filter((name) => name !== ''))
  return all.size > 0 ? [...all] : Object.keys(source.example)
}
