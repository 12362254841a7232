import type { Source } from '#kit/asset.ts'
import { feedName } from '#kit/read/header.ts'
import { sources } from '#pipelines/sources.ts'

import { bringUpToDate } from '../engine/watch.ts'
import { homeOf } from '../home.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { isPulled, nothingYet, pull, type Pulled, type PulledSource } from '../pull.ts'
import { bad } from '../terminal/colour.ts'
import { type Format, json } from '../terminal/formats.ts'
import { exitCodes, UsageError } from '../terminal/mistakes.ts'
import { requireSuccess } from '../terminal/run-progress.ts'
import { stage } from '../terminal/stage.ts'
import { indent, table } from '../terminal/table.ts'
import { displayBytes, displayCount, several } from '../terminal/values.ts'
import { openWorks, type Works } from '../worker.ts'
import { findSource } from '../find-source.ts'
import { makeTables } from './make-tables.ts'

/** What was typed after `recoup pull`. */
interface Typed {
  again?: boolean
  format: Format
}

/** What became of one feed. */
interface Outcome extends Pulled {
  /** Why its origin could not be read; what had come by then is kept. */
  error: string | null
}

/** What the loads of a feed brought. */
interface Loads {
  feed: string
  read: number
  new: number
  newer: number
  same: number
  rejected: number
  refused: number
}

/** `recoup pull`: what is new at the origins of feeds, into the warehouse and all that derives from it. */
export async function pullFeeds(feeds: readonly string[], typed: Typed): Promise<number> {
  const chosen = choose(feeds)
  if (chosen.length === 0) {
    console.log(typed.format === 'json' ? '[]' : noOrigins)
    return exitCodes.ok
  }
  return await withWarehouse(async ({ url }, signal) => {
    await using works = await openWorks(url)
    const before = await lastLoad(works)
    const outcomes: Outcome[] = []
    for (const source of chosen) outcomes.push(await visit(works, source, typed, signal))
    if (typed.format === 'json') await makeTablesInSilence(works, signal)
    else await makeTables(works, signal)

    const loads = await loadsSince(works, before, outcomes)
    print(outcomes, loads, typed.format)
    const isBad = outcomes.some(({ error }) => error !== null) || loads.some((one) => one.refused)
    return isBad ? exitCodes.failed : exitCodes.ok
  })
}

const noOrigins =
  'No feed has an origin to pull from: their files are brought, with recoup ingest or into the inbox. ' +
  'How a feed is given an origin: docs/connectors.md'

/** The feeds that were named; without names all that have an origin. */
function choose(feeds: readonly string[]): PulledSource[] {
  const withOrigin = sources.filter(isPulled)
  if (feeds.length === 0) return withOrigin
  return [...new Set(feeds)].map((feed) => {
    const source: Source = findSource(feed)
    if (isPulled(source)) return source
    const others = withOrigin.map(feedName).join(', ') || 'none yet'
    throw new UsageError(
      `${feed} has no origin to pull from${source.from ? ': it is sent to Recoup, see recoup receive' : ''}. ` +
        `Feeds that have one: ${others}. How to give it one: docs/connectors.md`,
    )
  })
}

async function visit(
  { pool }: Works,
  source: PulledSource,
  { again = false, format }: Typed,
  signal: AbortSignal,
): Promise<Outcome> {
  let sofar: Pulled = nothingYet(source)
  const fetching = (show: (note: string) => void) =>
    pull(pool, homeOf(), source, {
      signal,
      again,
      onProgress(pulled) {
        sofar = { ...pulled }
        show(`${several(pulled.files, 'file')}, ${displayBytes(pulled.bytes)}`)
      },
    })
  try {
    const pulled = await (format === 'json'
      ? fetching(() => {})
      : stage(
          feedName(source),
          (live) => fetching((note) => live.show({ fraction: null, note })),
          wordsOf,
        ))
    return { ...pulled, error: null }
  } catch (cause) {
    signal.throwIfAborted()
    return { ...sofar, error: (cause as Error).message }
  }
}

function wordsOf({ files, bytes, known, isBusy, origin }: Pulled): string {
  if (isBusy) return 'another process is at it'
  const same = known > 0 ? `, ${displayCount(known)} known` : ''
  return `${several(files, 'file')} (${displayBytes(bytes)})${same} from ${origin}`
}

async function makeTablesInSilence(works: Works, signal: AbortSignal) {
  await using _worker = await works.startWorker()
  requireSuccess(await bringUpToDate(works.db, works.plan, { signal }))
}

async function lastLoad({ pool }: Works): Promise<number> {
  const { rows } = await pool.query<{ last: number }>(
    'select coalesce(max(load_id), 0) as last from raw.load',
  )
  return rows[0]?.last ?? 0
}

async function loadsSince(
  { pool }: Works,
  before: number,
  outcomes: readonly Outcome[],
): Promise<Loads[]> {
  const { rows } = await pool.query<Loads>(
    `select feed, sum(rows_read)::int8 as read, sum(rows_new)::int8 as new,
       sum(rows_newer)::int8 as newer, sum(rows_same)::int8 as same,
       sum(rows_rejected)::int8 as rejected,
       count(*) filter (where exists (
         select from raw.quarantine as refusal
         where refusal.load_id = load.load_id and refusal.line = 0
       ))::int8 as refused
     from raw.load as load where load_id > $1 and feed = any($2) group by feed order by feed`,
    [before, outcomes.map(({ feed }) => feed)],
  )
  return rows
}

function print(outcomes: readonly Outcome[], loads: readonly Loads[], format: Format) {
  if (format === 'json') {
    const loaded = new Map(loads.map(({ feed, ...counts }) => [feed, counts]))
    const all = outcomes.map((outcome) => ({ ...outcome, rows: loaded.get(outcome.feed) ?? null }))
    return console.log(json(all))
  }
  const counts = ['read', 'new', 'newer', 'same', 'rejected'] as const
  if (loads.length > 0) {
    const heads = ['Read', 'New', 'Newer', 'Same', 'Rejected'].map((title) => ({
      title,
      align: 'right' as const,
    }))
    const rows = loads.map((load) => [load.feed, ...counts.map((name) => displayCount(load[name]))])
    console.log(`\n${indent(table([{ title: 'Feed' }, ...heads], rows))}`)
  }
  for (const { feed, refused } of loads)
    if (refused > 0)
      console.error(`${bad('Refused:')} ${several(refused, 'file')} of ${feed}: recoup quarantine`)
  for (const { error } of outcomes)
    if (error) console.error(`${bad('Not read to the end:')} ${error}`)
}
