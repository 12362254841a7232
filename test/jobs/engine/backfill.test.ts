import { setTimeout as sleep } from 'node:timers/promises'

import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'
import * as z from 'zod'

import { type AnyDatabase, type Asset, computed, type Operation } from '#kit/asset.ts'
import { day } from '#kit/columns.ts'
import { daily } from '#kit/partitions/dimension.ts'
import { unitsOf } from '#jobs/engine/graph.ts'
import { planRequest, type Request, startPlan } from '#jobs/engine/request.ts'
import { planRest } from '#jobs/engine/resume.ts'
import { cancelRun, pauseRun, startRun, unpauseRun } from '#jobs/engine/run.ts'
import { runStatus, waitForRun } from '#jobs/engine/watch.ts'
import { letGo } from '#jobs/engine/windows.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { connect } from '#jobs/postgres/pool.ts'
import { test } from '#test/kit/database.ts'

import { createTables, numbers, onBothQueues, Outside } from './kit.ts'

const now = new Date('2026-11-11T00:00:00Z')
const contract = z.object({ day: day() })

/** A table of ten days, 1 to 10 November, filled by code that takes a while. */
function tenDays(load: (key: string) => Promise<void>, options: Partial<Operation<'day'>> = {}) {
  return computed({
    name: 'mart.ten_days',
    description: 'Ten days.',
    contract,
    grain: ['day'],
    reads: [],
    version: '1',
    partitionedBy: { day: daily({ from: '2026-11-01' }) },
    retry: { limit: 1, backoffMs: 0 },
    async load(_tx, _extracted, { slice }) {
      for (const key of slice.keys) await load(key)
      return { rows: slice.keys.length }
    },
    ...options,
  })
}

async function begin(db: Kysely<AnyDatabase>, asset: Asset, asked: Partial<Request> = {}) {
  const request = { kind: 'backfill', request: {}, units: unitsOf([asset]), ...asked } as const
  return (await startPlan(db, await planRequest(db, { assets: [asset], now }, request)))!
}

async function counts(db: Kysely<AnyDatabase>, run: number) {
  const { rows } = await sql<{ state: string; steps: number }>`
    select state, count(*) as steps from engine.step where run = ${run} group by 1`.execute(db)
  return Object.fromEntries(rows.map(({ state, steps }) => [state, steps]))
}

onBothQueues((redisUrl) => {
  test('a backfill lets only so many steps go at once, and live work goes before it', async ({
    db,
    url,
  }) => {
    const order: string[] = []
    let [running, most] = [0, 0]
    const slow = tenDays(async (key) => {
      most = Math.max(most, ++running)
      order.push(key)
      await sleep(60)
      running--
    })
    const feed = numbers('raw.feed')
    await createTables(db, [feed])
    const outside = new Outside()
    outside.put('raw.feed', 1)
    outside.during = async () => void order.push('live')
    const run = await begin(db, slow, { atOnce: 3, priority: 10 })
    expect(await counts(db, run)).toEqual({ ready: 3, waiting: 7 })
    const live = { assets: [feed, slow], hasNews: outside.hasNews, now: new Date('2026-10-01') }
    await using _worker = await startWorker({
      url,
      redisUrl: redisUrl(),
      assets: [feed, slow],
      intake: outside,
      pools: { warehouse: { perWorker: 4 } },
    })
    await expect.poll(() => order.length, { interval: 5, timeout: 5_000 }).toBeGreaterThan(2)

    const urgent = await startRun(db, live, { only: new Set(['raw.feed']) })

    expect((await waitForRun(db, urgent!.id)).state).toBe('done')
    expect((await waitForRun(db, run)).state).toBe('done')
    expect(order.indexOf('live')).toBeLessThan(8)
    expect(order).toHaveLength(11)
    expect(most).toBeLessThanOrEqual(3)
  })

  test('a pool that bears one step at a time in all workers gets no second', async ({
    db,
    url,
  }) => {
    let [running, most] = [0, 0]
    const asset = tenDays(
      async () => {
        most = Math.max(most, ++running)
        await sleep(20)
        running--
      },
      { pool: 'api' },
    )
    const options = {
      url,
      redisUrl: redisUrl(),
      assets: [asset],
      intake: new Outside(),
      pools: { api: { total: 1, perWorker: 3 } },
    }
    await using _one = await startWorker(options)
    await using _two = await startWorker(options)

    const run = await begin(db, asset)

    expect((await waitForRun(db, run)).state).toBe('done')
    expect(most).toBe(1)
  })

  test('a pool with a rate starts no more steps in its time than that', async ({ db, url }) => {
    const starts: number[] = []
    const asset = tenDays(async () => void starts.push(Date.now()), { pool: 'api' })
    await using _worker = await startWorker({
      url,
      redisUrl: redisUrl(),
      assets: [asset],
      intake: new Outside(),
      pools: { api: { perWorker: 3, rate: { steps: 4, seconds: 1 } } },
    })

    const run = await begin(db, asset)

    expect((await waitForRun(db, run)).state).toBe('done')
    expect(starts).toHaveLength(10)
    // Four, a second later four, a second later two: the fifth and the ninth had to wait.
    expect(starts[9]! - starts[0]!).toBeGreaterThan(1_500)
  })
})

test('steps of a backfill that end at the same moment let no more go than may go at once', async ({
  db,
  database,
}) => {
  const run = await begin(
    db,
    tenDays(async () => {}),
    { atOnce: 3 },
  )
  const wide = connect<AnyDatabase>(database.url, { max: 20 })
  for (let times = 0; times < 5; times++) {
    await sql`
      update engine.step set state = 'waiting' where run = ${run} and state = 'ready'`.execute(db)
    await Promise.all(Array.from({ length: 20 }, () => letGo(wide.db, run)))
    expect(await counts(db, run)).toEqual({ ready: 3, waiting: 7 })
  }
  await wide.close()
})

test('a paused backfill starts nothing more until it goes on', async ({ db, url }) => {
  let done = 0
  const asset = tenDays(async () => {
    done++
    await sleep(30)
  })
  await using _worker = await startWorker({ url, assets: [asset], intake: new Outside() })
  const run = await begin(db, asset, { atOnce: 2 })
  await expect.poll(() => done, { interval: 5, timeout: 5_000 }).toBeGreaterThan(2)

  await pauseRun(db, run)
  await expect
    .poll(async () => (await counts(db, run)).running ?? 0, { interval: 20, timeout: 5_000 })
    .toBe(0)
  const before = done
  await sleep(300)

  expect(done).toBe(before)
  expect(await runStatus(db, run)).toMatchObject({ state: 'running' })
  await unpauseRun(db, run)
  expect((await waitForRun(db, run)).state).toBe('done')
  expect(done).toBe(10)
})

test('what failed, and what a cancel left, is done by a run of the rest alone', async ({
  db,
  url,
}) => {
  const made: string[] = []
  let isBroken = true
  const asset = tenDays(async (key) => {
    if (isBroken && key === '2026-11-04') throw new Error('The rate for the 4th is missing.')
    made.push(key)
    if (isBroken && made.length === 6) await cancelRun(db, run)
  })
  const run = await begin(db, asset)
  {
    await using _worker = await startWorker({
      url,
      assets: [asset],
      intake: new Outside(),
      pools: { warehouse: { perWorker: 1 } },
    })
    expect((await waitForRun(db, run)).state).toBe('cancelled')
  }
  const { rows } = await sql<{ partition: string }>`
    select partition from engine.partition_state order by 1`.execute(db)
  expect(rows.map(({ partition }) => partition.slice(-2))).toEqual(['01', '02', '03', '05', '06'])
  isBroken = false

  const rest = await planRest(db, [asset], run)
  const again = await startPlan(db, rest)
  await using _worker = await startWorker({ url, assets: [asset], intake: new Outside() })

  expect((await waitForRun(db, again!)).steps.map(({ partition }) => partition.slice(-2))).toEqual([
    '04',
    '07',
    '08',
    '09',
    '10',
  ])
  const { rows: twice } = await sql`
    select partition from engine.materialization group by 1 having count(*) > 1`.execute(db)
  expect(twice).toEqual([])
})

test('a step that takes longer than it may fails and says so', async ({ db, url }) => {
  const asset = tenDays(() => sleep(60_000), { timeoutMinutes: 0.002 })
  await using _worker = await startWorker({ url, assets: [asset], intake: new Outside() })

  const run = await begin(db, asset, { keysOf: () => ['2026-11-01'] })

  expect(await waitForRun(db, run)).toMatchObject({
    state: 'failed',
    steps: [{ state: 'failed', error: 'mart.ten_days took longer than its 0.002 minutes.' }],
  })
})

test('a load that does not stop when told to is left behind, and what it writes then is not kept', async ({
  db,
  url,
}) => {
  const written = Promise.withResolvers<string>()
  const asset = {
    ...tenDays(async () => {}, { timeoutMinutes: 0.002 }),
    async load(tx: Kysely<AnyDatabase>) {
      await sleep(2_600)
      const write = sql`insert into raw.late values (1)`.execute(tx)
      written.resolve(await write.then(() => 'kept').catch(() => 'refused'))
      return { rows: 1 }
    },
  }
  await sql`create table raw.late (n int)`.execute(db)
  await using _worker = await startWorker({ url, assets: [asset], intake: new Outside() })

  const run = await begin(db, asset, { keysOf: () => ['2026-11-01'] })

  expect((await waitForRun(db, run)).state).toBe('failed')
  expect(await written.promise).toBe('refused')
  expect(await db.selectFrom('raw.late').selectAll().execute()).toEqual([])
})

test('a worker that is asked to end lets the step under way end first', async ({ db, url }) => {
  const asset = tenDays(() => sleep(400))
  const worker = await startWorker({ url, assets: [asset], intake: new Outside() })
  const run = await begin(db, asset, { keysOf: () => ['2026-11-01', '2026-11-02', '2026-11-03'] })
  await expect
    .poll(async () => (await counts(db, run)).running ?? 0, { interval: 20, timeout: 5_000 })
    .toBe(2)

  await worker.close({ graceMs: 30_000 })

  expect(await counts(db, run)).toEqual({ done: 2, ready: 1 })
  expect(await db.selectFrom('engine.worker').selectAll().execute()).toEqual([])
})

test('a pool that nobody defined is refused by name', async ({ url }) => {
  const asset = tenDays(async () => {}, { pool: 'moon' })
  await expect(
    startWorker({ url, assets: [asset], intake: new Outside(), pools: { api: {} } }),
  ).rejects.toThrow('mart.ten_days is in pool "moon", which jobs/pools.ts does not define.')
})
