/** Lines in quarantine as a CSV file in the shape of their feed, to be mended and ingested again. */
import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Source } from '#kit/asset.ts'
import { cellsOfRecord } from '#kit/encode/cells-of-record.ts'
import type { Layout } from '#kit/encode/encoder.ts'
import { feedName } from '#kit/read/header.ts'
import { attemptsOn } from '#kit/load/attempts.ts'
import { isMended } from '#kit/load/mending.ts'
import { guarded, quarantineColumns, unguarded } from '#kit/mended.ts'
import { columns } from '#kit/table.ts'

import type { Connection } from './postgres/pool.ts'
import { everyQuarantinedLine, type QuarantinedLine, type Which } from './quarantine.ts'
import { csvLine } from './terminal/formats.ts'

/** Spreadsheets take a CSV file for UTF-8 only if it begins with this. */
const byteOrderMark = '\uFEFF'

/**
 * The file, line by line: the feed's columns, which quarantined row a line is and why, and the text
 * of lines that could not be read into cells. Refused files are not part of it. Of a row that was
 * mended and rejected again the last attempt is given, under the name of the row.
 */
export async function* mendable(
  { db, pool }: Pick<Connection<unknown>, 'db' | 'pool'>,
  source: Source,
  which: Omit<Which, 'feed'> = {},
): AsyncGenerator<string> {
  const feed = feedName(source)
  const names = await namesOf(db, source)
  const attempts = await attemptsOn(pool, feed)
  const originals = new Map(attempts.map(({ row, original }) => [row, original]))
  const isAll = which.file === undefined && which.reason === undefined
  const replaced = new Set(isAll ? originals.values() : [])
  yield byteOrderMark + csvLine([...names, ...quarantineColumns])
  for await (const line of everyQuarantinedLine(db, { ...which, feed })) {
    if (replaced.has(line.row)) continue
    const row = originals.get(line.row) ?? line.row
    yield csvLine(cellsOf({ ...line, row }, names).map(guarded))
  }
}

function cellsOf(line: QuarantinedLine, names: readonly string[]): string[] {
  const { layout, raw_text: raw } = line
  const cells = layout && cellsOfRecord(raw, layout)
  // An attempt has its guards.
  const plain = layout && isMended(layout) ? unguarded : (cell: string) => cell
  // A line without cells is not accepted until they are filled in: a feed needs some of them.
  const text = cells ? '' : raw
  return [...names.map((name) => plain(cells?.get(name) ?? '')), line.row, line.reason, text]
}

const isOfFeed = (name: string) => name !== '' && !quarantineColumns.includes(name)

/** The columns of the contract; of a wide feed, those of its files. */
async function namesOf(db: Kysely<AnyDatabase>, source: Source): Promise<string[]> {
  if (!source.reshape) return columns(source).map(({ name }) => name)
  const { rows } = await sql<{ layout: Layout }>`
    select distinct layout from raw.load
    where feed = ${feedName(source)} and layout is not null
      and load_id in (select load_id from raw.quarantine)`.execute(db)
  const all = new Set(rows.flatMap(({ layout }) => layout.names).filter(isOfFeed))
  return all.size > 0 ? [...all] : Object.keys(source.example)
}
