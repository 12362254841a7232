import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { Source } from '#kit/asset.ts'
import { type FeedFile, identify } from '#kit/read/feed-file.ts'
import { feedName } from '#kit/read/header.ts'

import { type FileFormat, putInInbox, spoolIntoInbox } from '../arrivals.ts'
import { findSource } from '../find-source.ts'
import { homeOf } from '../home.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { exitCodes } from '../terminal/mistakes.ts'
import { openWorks } from '../worker.ts'
import { type GivenFile, givenFiles } from './given-files.ts'
import { type Load, loadsOf, printResults, type Result } from './ingest-result.ts'
import { makeTables } from './make-tables.ts'

/** What was typed after the files. */
export interface IngestOptions {
  as: string
  /** What the files are, where recognising them fails. */
  format?: FileFormat
  quiet?: boolean
  json?: boolean
}

/** `recoup ingest`: files of a feed into the warehouse, and everything that derives from them. */
export async function ingest(typed: readonly string[], options: IngestOptions): Promise<number> {
  const { as, format, quiet = false, json = false } = options
  const source = findSource(as)
  const files = await identified(as, givenFiles(typed), format)
  return await withWarehouse(async ({ url }, signal) => {
    await using works = await openWorks(url)
    const before = await loadsOf(works, as, files)
    const news = files.filter(({ sha256 }) => !isDone(before.get(sha256)))
    const placed = await place(source, news, format)
    await drop(files.filter((file) => file.isSpooled && !news.includes(file)))
    if (news.length > 0) await makeTables(works, signal, { quiet: quiet || json })
    await dropLinks(placed)

    const loads = await loadsOf(works, as, files)
    const results = files.map((file): Result => {
      const load = loads.get(file.sha256)
      const state = !news.includes(file) ? 'known' : isDone(load) ? 'loaded' : 'refused'
      return { file: file.name, feed: as, state, load }
    })
    await printResults(works, results, { quiet, json })
    const hasRefused = results.some(({ state }) => state === 'refused')
    return hasRefused ? exitCodes.failed : exitCodes.ok
  })
}

/** A refused file may be tried again, and one that was not read to its end goes on. */
function isDone(load: Load | undefined): boolean {
  return load?.is_finished === true && load.refused === null
}

/** A file known by its content. Standard input lies in the inbox already: it can be read but once. */
type Identified = FeedFile & { isSpooled: boolean }

async function identified(
  feed: string,
  files: readonly GivenFile[],
  format: FileFormat | undefined,
): Promise<Identified[]> {
  const found: Identified[] = []
  for (const { name, path } of files) {
    const lies = path ?? (await spooled(feed, name, format))
    const file = await identify(feed, lies, { name })
    // Two names of one content are one load.
    if (found.every(({ sha256 }) => sha256 !== file.sha256))
      found.push({ ...file, isSpooled: path === null })
    else if (path === null) await rm(lies)
  }
  return found
}

async function spooled(feed: string, name: string, format?: FileFormat): Promise<string> {
  if (process.stdin.isTTY) console.error('Reading rows from the terminal; end with Ctrl-D.')
  const arrival = { name, ...(format && { format }) }
  const file = await spoolIntoInbox(homeOf(), feed, process.stdin, arrival)
  return join(homeOf().inbox, feed, file)
}

/** Where the files lie in the inbox. */
async function place(
  source: Source,
  files: readonly Identified[],
  format: FileFormat | undefined,
): Promise<string[]> {
  const feed = feedName(source)
  const home = homeOf()
  const placed: string[] = []
  for (const { path, isSpooled } of files)
    placed.push(
      isSpooled ? path : join(home.inbox, feed, await putInInbox(home, feed, path, format)),
    )
  return placed
}

async function drop(files: readonly { path: string }[]) {
  for (const { path } of files) await rm(path)
}

/**
 * A file that shares its bytes with its owner's is let go once it is loaded: what the owner writes
 * into it later is not meant for Recoup.
 */
async function dropLinks(placed: readonly string[]) {
  for (const path of placed) if ((await stat(path)).nlink > 1) await rm(path)
}
