import { statSync } from 'node:fs'

import type { Source } from '#kit/asset.ts'
import { identify } from '#kit/read/feed-file.ts'
import { feedName } from '#kit/read/header.ts'
import { sources } from '#pipelines/sources.ts'

import { homeOf } from '../home.ts'
import { putInInbox } from '../inbox.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { bad, faint, notable } from '../terminal/colour.ts'
import { exitCodes, UsageError } from '../terminal/mistakes.ts'
import { didYouMean } from '../terminal/nearest.ts'
import { indent, table } from '../terminal/table.ts'
import { displayCount, displayInstant, several } from '../terminal/values.ts'
import { openWorks, type Works } from '../worker.ts'
import { makeTables } from './make-tables.ts'

/** What became of one file. */
interface Load {
  load_id: number
  sha256: string
  loaded_at: string
  rows_read: number
  rows_new: number
  rows_newer: number
  rows_same: number
  rows_rejected: number
  is_finished: boolean
  /** Why the file as a whole was refused. */
  refused: string | null
}

/** `recoup ingest`: files of a feed into the warehouse, and everything that derives from them. */
export async function ingest(files: readonly string[], { as }: { as: string }): Promise<number> {
  const source = findSource(as)
  files.forEach(requireFile)
  const given = await Promise.all(files.map((path) => identify(as, path)))
  return await withWarehouse(async ({ url }, signal) => {
    await using works = await openWorks(url)
    const before = await loadsOf(works, as, given)
    // A file that was refused may be tried again, and a load that was stopped goes on.
    const known = (sha256: string) => before.get(sha256)?.is_finished === true
    const news = given.filter(({ sha256 }) => !known(sha256))
    if (news.length > 0) await bringIn(works, source, news, signal)

    const loads = await loadsOf(works, as, given)
    for (const { name, sha256 } of given)
      if (known(sha256)) console.log(`${name} ${sentenceAboutKnown(loads.get(sha256))}`)
    const results = news.map(({ name, sha256 }) => ({ name, load: loads.get(sha256) }))
    await printResults(works, results)
    const refused = given.filter(({ sha256 }) => loads.get(sha256)?.refused !== null)
    return refused.length > 0 ? exitCodes.failed : exitCodes.ok
  })
}

/** The feed by the name that follows --as. */
export function findSource(feed: string): Source {
  const found = sources.find((source) => feedName(source) === feed)
  if (found) return found
  const names = sources.map(feedName)
  throw new UsageError(
    `There is no feed "${feed}". ${didYouMean(feed, names)}The feeds are ${names.join(', ')}. ` +
      'What each must look like: recoup contracts <feed>',
  )
}

function requireFile(path: string) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new UsageError(`${path} does not exist. Give the path of a CSV or NDJSON file.`)
  if (!found.isFile())
    throw new UsageError(`${path} is not a file. For all files of a folder: ${path}/*`)
}

async function bringIn(
  works: Works,
  source: Source,
  news: readonly { path: string }[],
  signal: AbortSignal,
) {
  for (const { path } of news) await putInInbox(homeOf(), feedName(source), path)
  await makeTables(works, signal)
}

async function loadsOf(
  { pool }: Works,
  feed: string,
  files: readonly { sha256: string }[],
): Promise<Map<string, Load>> {
  const { rows } = await pool.query<Load>(
    `select load.*, refusal.reason as refused
     from raw.load as load
     left join raw.quarantine as refusal on refusal.load_id = load.load_id and refusal.line = 0
     where load.feed = $1 and load.sha256 = any($2)`,
    [feed, files.map(({ sha256 }) => sha256)],
  )
  return new Map(rows.map((row) => [row.sha256, row]))
}

function sentenceAboutKnown(load: Load | undefined): string {
  const when = load ? `, on ${displayInstant(load.loaded_at)}` : ''
  return `was loaded before${when}; nothing changed.`
}

async function printResults(
  works: Works,
  results: readonly { name: string; load: Load | undefined }[],
) {
  const refused = results.filter(({ load }) => load && load.refused !== null)
  const loaded = results.filter(({ load }) => load && load.refused === null)
  const counts = ['rows_read', 'rows_new', 'rows_newer', 'rows_same', 'rows_rejected'] as const
  if (loaded.length > 0) {
    const columns = ['Read', 'New', 'Newer', 'Same', 'Rejected'].map((title) => ({
      title,
      align: 'right' as const,
    }))
    const rows = loaded.map(({ name, load }) => [
      name,
      ...counts.map((column) => displayCount(load?.[column] ?? 0)),
    ])
    console.log(`\n${indent(table([{ title: 'File' }, ...columns], rows))}`)
    await printReasons(works, loaded)
  }
  for (const { load } of refused) console.error(`${bad('Refused:')} ${load?.refused}`)
}

const reasonsShown = 5

async function printReasons(
  { pool }: Works,
  loaded: readonly { load: Load | undefined }[],
): Promise<void> {
  const ids = loaded.map(({ load }) => load?.load_id)
  const total = loaded.reduce((sum, { load }) => sum + (load?.rows_rejected ?? 0), 0)
  if (total === 0) return
  const { rows } = await pool.query<{ file: string; line: number; reason: string }>(
    `select file, line, reason from raw.quarantine
     where load_id = any($1) order by load_id, line limit $2`,
    [ids, reasonsShown],
  )
  console.log(`\n${notable(`${several(total, 'row')} ${total === 1 ? 'was' : 'were'} set aside:`)}`)
  for (const { file, line, reason } of rows) console.log(`  ${file}, line ${line}: ${reason}`)
  if (total > rows.length)
    console.log(faint(`  and ${displayCount(total - rows.length)} more: recoup quarantine`))
}
