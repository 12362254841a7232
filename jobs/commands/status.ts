import { sql } from 'kysely'

import type { Day } from '../kpis/days.ts'
import { weekOf } from '../kpis/days.ts'
import { staleUnits } from '../engine/run.ts'
import { homeOf } from '../home.ts'
import { requireWarehouse } from '../kpis/with-cube.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { findRuntime } from '../runtime.ts'
import { bold, faint, good, notable } from '../terminal/colour.ts'
import { json, type Format } from '../terminal/formats.ts'
import { indent, table } from '../terminal/table.ts'
import { displayBytes, displayCount, displayInstant, displaySeconds } from '../terminal/values.ts'
import { openWorks, type Works } from '../worker.ts'

/** `recoup status`: what runs, how far the data reaches, what is stale. */
export async function status({ format }: { format: Format }) {
  requireWarehouse()
  await withWarehouse(async ({ url }) => {
    await using works = await openWorks(url)
    const found = await look(works)
    console.log(format === 'json' ? json(found) : words(found))
  })
}

type Status = Awaited<ReturnType<typeof look>>

async function look(works: Works) {
  const home = homeOf()
  const runtime = findRuntime(home)
  const reasons = await staleUnits(works.db, works.plan)
  return {
    home: home.folder,
    up: runtime ? { pid: runtime.pid, since: runtime.startedAt, cube: runtime.cubeUrl } : null,
    warehouseBytes: await sizeOf(works),
    feeds: await feedsOf(works),
    watermarks: await watermarksOf(works),
    stale: [...reasons].map(([asset, reason]) => ({ asset, reason })),
    lastRun: await lastRunOf(works),
  }
}

async function sizeOf({ db }: Works): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    select pg_database_size(current_database()) as bytes`.execute(db)
  return rows[0]?.bytes ?? 0
}

async function feedsOf({ db }: Works) {
  const { rows } = await sql<{
    feed: string
    files: number
    rows: number
    setAside: number
    lastLoad: string
  }>`
    select feed, count(*) as files, sum(rows_new)::int8 as rows,
           sum(rows_rejected)::int8 as "setAside", max(loaded_at) as "lastLoad"
    from raw.load group by feed order by feed`.execute(db)
  return rows
}

async function watermarksOf({ db }: Works) {
  const { rows } = await sql<{
    feed: string
    recordedThrough: string
    asOf: Day
    lastCompleteWeek: Day
  }>`
    select feed, recorded_through as "recordedThrough", as_of as "asOf",
           last_complete_week as "lastCompleteWeek"
    from mart.ref_watermark where as_of is not null order by feed`.execute(db)
  return rows
}

async function lastRunOf({ db }: Works) {
  const { rows } = await sql<{
    id: number
    state: string
    startedAt: string
    seconds: number
    failed: string[] | null
  }>`
    select id, state, started_at as "startedAt",
           extract(epoch from coalesce(finished_at, clock_timestamp()) - started_at)::float8
             as seconds,
           (select array_agg(asset order by id) from engine.step
            where run = run.id and state = 'failed') as failed
    from engine.run as run order by id desc limit 1`.execute(db)
  return rows[0] ?? null
}

function words(found: Status): string {
  const { up, lastRun } = found
  const facts = [
    [
      'Recoup',
      up ? good(`up, process ${up.pid}, since ${displayInstant(up.since)}`) : 'not up (npm start)',
    ],
    ['Cube', up ? up.cube : faint('starts with Recoup')],
    ['State folder', found.home],
    ['Warehouse', displayBytes(found.warehouseBytes)],
    ['Last run', lastRun ? runWords(lastRun) : 'none yet'],
    ['Stale', staleWords(found.stale)],
  ]
  return [
    ...facts.map(([name = '', fact]) => `${bold(name.padEnd(14))}${fact}`),
    '',
    feedTable(found.feeds),
    '',
    watermarkTable(found.watermarks),
  ].join('\n')
}

function runWords({ id, state, startedAt, seconds, failed }: NonNullable<Status['lastRun']>) {
  const took = displaySeconds(seconds * 1000)
  const culprits = failed ? ` at ${failed.join(', ')}` : ''
  return `${id}: ${state}${culprits}, ${displayInstant(startedAt)}, ${took}`
}

function staleWords(reasons: Status['stale']): string {
  if (reasons.length === 0) return 'nothing'
  const first = reasons.slice(0, 3).map(({ asset, reason }) => `${asset} ${reason}`)
  const more = reasons.length > first.length ? ` and ${reasons.length - first.length} more` : ''
  return notable(`${first.join(', ')}${more}. Bring up to date: npm start`)
}

const right = 'right' as const

function feedTable(feeds: Status['feeds']): string {
  if (feeds.length === 0) return 'No file was loaded yet.'
  const columns = [
    { title: 'Feed' },
    { title: 'Files', align: right },
    { title: 'Rows', align: right },
    { title: 'Set aside', align: right },
    { title: 'Last load' },
  ]
  const rows = feeds.map((feed) => [
    feed.feed,
    displayCount(feed.files),
    displayCount(feed.rows),
    displayCount(feed.setAside),
    displayInstant(feed.lastLoad),
  ])
  return indent(table(columns, rows))
}

function watermarkTable(watermarks: Status['watermarks']): string {
  const columns = ['Family', 'Recorded through', 'As of', 'Last complete week'].map((title) => ({
    title,
  }))
  const rows = watermarks.map(({ feed, recordedThrough, asOf, lastCompleteWeek }) => [
    feed,
    displayInstant(recordedThrough),
    asOf,
    weekOf(lastCompleteWeek),
  ])
  return indent(table(columns, rows))
}
