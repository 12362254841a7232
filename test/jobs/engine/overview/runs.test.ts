import { type Kysely, sql } from 'kysely'
import pg from 'pg'
import { expect } from 'vitest'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import { oneOf } from '#kit/partitions/dimension.ts'
import { unitsOf } from '#jobs/engine/graph.ts'
import { eventsOf, type LogEvent } from '#jobs/engine/overview/logs.ts'
import { rangesOf } from '#jobs/engine/overview/ranges.ts'
import { findRun, listRuns, secondsLeft } from '#jobs/engine/overview/runs.ts'
import { stepGroups } from '#jobs/engine/overview/steps.ts'
import { listWorkers, liveWorkers } from '#jobs/engine/overview/workers.ts'
import { locks } from '#jobs/postgres/locks.ts'
import { planRequest, startPlan } from '#jobs/engine/request.ts'
import { cancelRun } from '#jobs/engine/run.ts'
import { waitForRun } from '#jobs/engine/watch.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { test } from '#test/kit/database.ts'

import { Outside } from '../kit.ts'
import { days } from './kit.ts'

const now = new Date('2026-11-11T00:00:00Z')

async function begin(db: Kysely<AnyDatabase>, assets: readonly Asset[], batch?: number) {
  const plan = await planRequest(
    db,
    { assets, now },
    {
      kind: 'backfill',
      request: { selection: 'everything' },
      units: unitsOf(assets),
      ...(batch && { batch }),
    },
  )
  return (await startPlan(db, plan))!
}

function failing(bad: string) {
  const load = (key: string) => {
    if (key === bad) throw new Error(`${bad} is bad`)
  }
  const up = days('mart.up', { load })
  return [up, days('mart.down', { reads: [up] })]
}

test('a run says how many of its steps ended how, and its steps come as ranges, failed first', async ({
  db,
  url,
}) => {
  const assets = failing('2026-11-05')
  const run = await begin(db, assets)
  await using _worker = await startWorker({ url, assets, intake: new Outside() })
  await waitForRun(db, run, { everyMs: 20 })

  expect(await findRun(db, run)).toMatchObject({
    kind: 'backfill',
    request: { selection: 'everything' },
    state: 'failed',
    steps: { total: 20, ended: 20, done: 18, failed: 1, skipped: 1, running: 0 },
  })
  const groups = await stepGroups(db, run)
  const by = assets[0]!.partitionedBy
  expect(
    groups.map(({ asset, state, steps, keys, rows, error }) => ({
      asset,
      state,
      steps,
      ranges: rangesOf(by, keys),
      rows,
      error,
    })),
  ).toEqual([
    {
      asset: 'mart.up',
      state: 'failed',
      steps: 1,
      ranges: ['2026-11-05'],
      rows: null,
      error: '2026-11-05 is bad',
    },
    {
      asset: 'mart.down',
      state: 'skipped',
      steps: 1,
      ranges: ['2026-11-05'],
      rows: null,
      error: 'mart.up failed',
    },
    ...['mart.up', 'mart.down'].map((asset) => ({
      asset,
      state: 'done',
      steps: 9,
      ranges: ['2026-11-01..2026-11-04', '2026-11-06..2026-11-10'],
      rows: 9,
      error: null,
    })),
  ])
})

test('runs come newest first and can be asked for by their state', async ({ db }) => {
  const asset = days('mart.days')
  const [first, second] = [await begin(db, [asset]), await begin(db, [asset], 3)]
  await cancelRun(db, first)

  expect((await listRuns(db)).map(({ id }) => id)).toEqual([second, first])
  expect((await listRuns(db, { state: 'cancelled' })).map(({ id }) => id)).toEqual([first])
  expect((await listRuns(db, { limit: 1 })).map(({ id }) => id)).toEqual([second])
  expect(await findRun(db, second)).toMatchObject({ steps: { total: 4, ready: 4, ended: 0 } })
  const [batches] = await stepGroups(db, second)
  expect(rangesOf(asset.partitionedBy, batches!.keys)).toEqual(['2026-11-01..2026-11-10'])
  expect(await findRun(db, 999)).toBeUndefined()
})

test('the time left is told from the pace while something runs, and only then', async ({ db }) => {
  const run = await begin(db, [days('mart.days', { from: '2026-10-01' })])
  await sql`update engine.run set started_at = clock_timestamp() - interval '2 minutes'`.execute(db)
  await sql`update engine.step set state = 'done', finished_at = clock_timestamp()
    where partition < '2026-10-21'`.execute(db)
  expect(secondsLeft((await findRun(db, run))!)).toBeNull()
  await sql`update engine.step set state = 'running' where partition = '2026-10-21'`.execute(db)

  const found = (await findRun(db, run))!
  expect(found.perMinute).toBeCloseTo(10, 0)
  // 41 days, 20 done.
  expect(secondsLeft(found)).toBeCloseTo(126, -1)
})

test('partitions of two dimensions are ranges of time by value', () => {
  const by = {
    marketplace: oneOf(['DE', 'FR']),
    ...days('mart.days').partitionedBy,
  }
  const keys = ['FR/2026-11-02', 'DE/2026-11-01', 'DE/2026-11-02', 'FR/2026-11-04']
  expect(rangesOf(by, keys)).toEqual([
    'DE/2026-11-01..2026-11-02',
    'FR/2026-11-02',
    'FR/2026-11-04',
  ])
  expect(rangesOf(null, [''])).toEqual([])
  // From before the table was divided so.
  expect(rangesOf(by, ['2026-W40'])).toEqual(['2026-W40'])
})

async function all(events: AsyncGenerator<LogEvent[]>): Promise<LogEvent[]> {
  const found: LogEvent[] = []
  for await (const some of events) found.push(...some)
  return found
}

const brief = ({ event, asset, partition, message }: LogEvent) =>
  [event, asset, partition, message].filter(Boolean).join(' ')

test('a log that is followed tells each event once, and ends with the run', async ({ db, url }) => {
  const assets = failing('2026-11-05')
  const run = await begin(db, assets)
  const following = all(eventsOf(db, { run }, { follow: true, everyMs: 5 }))
  await using _worker = await startWorker({ url, assets, intake: new Outside() })
  const followed = await following

  const later = await all(eventsOf(db, { run }))
  expect(followed.map(brief).sort()).toEqual(later.map(brief).sort())
  // As numbers: text of fractions of a second, without zeros at its end, sorts otherwise.
  const times = later.map(({ at }) => Date.parse(at))
  expect(times).toEqual(times.toSorted((one, other) => one - other))
  const counts = Object.groupBy(later, ({ event }) => event)
  expect(Object.entries(counts).map(([event, { length }]) => [event, length])).toEqual(
    [
      ['planned', 1],
      ['started', 19],
      ['done', 18],
      ['failed', 1],
      ['skipped', 1],
      ['ended', 1],
    ].sort((a, b) => order(later, a[0]) - order(later, b[0])),
  )
  expect(brief(later[0]!)).toBe('planned backfill')
  expect(brief(later.at(-1)!)).toBe('ended failed')

  const bad = await all(eventsOf(db, { run, level: 'error' }))
  expect(bad.map(brief)).toEqual(['failed mart.up 2026-11-05 2026-11-05 is bad', 'ended failed'])
  const down = await all(eventsOf(db, { run, units: ['mart.down'], level: 'warn' }))
  expect(down.map(brief)).toEqual(['skipped mart.down 2026-11-05 mart.up failed'])
})

const order = (events: readonly LogEvent[], name: unknown) =>
  events.findIndex(({ event }) => event === name)

test('what a step wrote down is in the log, and an attempt that failed before', async ({ db }) => {
  const run = await begin(db, [days('mart.days')])
  await sql`
    update engine.step set attempt = 2, failures = 1, error = 'the API was down',
      started_at = clock_timestamp()
    where partition = '2026-11-01'`.execute(db)
  await sql`
    insert into engine.log (run, step, at, level, message, data)
    select run, id, clock_timestamp(), 'info', 'page 3', '{"rows": 7}'
    from engine.step where partition = '2026-11-01'`.execute(db)

  const events = await all(eventsOf(db, { run, units: ['mart.days'] }))
  expect(
    events.map(({ event, attempt, message, data }) => ({ event, attempt, message, data })),
  ).toEqual(
    expect.arrayContaining([
      { event: 'started', attempt: 1, message: 'was asked for', data: null },
      { event: 'retried', attempt: 1, message: 'the API was down', data: null },
      { event: 'said', attempt: null, message: 'page 3', data: { rows: 7 } },
    ]),
  )
  expect(events).toHaveLength(3)
})

test('a worker is alive while it holds its lock', async ({ db, url }) => {
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  await sql`
    insert into engine.worker (id, host, pid, concurrency, pools)
    values (901, 'here', 1, 2, '{warehouse}'), (902, 'gone', 2, 2, '{warehouse}')`.execute(db)
  await other.query('select pg_advisory_lock($1, 901)', [locks.presence])
  const run = await begin(db, [days('mart.days')])
  await sql`
    update engine.step set state = 'running', worker = 901, started_at = clock_timestamp()
    where partition = '2026-11-01'`.execute(db)

  expect(await listWorkers(db)).toMatchObject([
    {
      worker: 901,
      isAlive: true,
      host: 'here',
      slots: 2,
      steps: [{ run, partition: '2026-11-01' }],
    },
    { worker: 902, isAlive: false, steps: [] },
  ])
  await other.end()
  await expect.poll(() => liveWorkers(db)).toEqual([])
})
