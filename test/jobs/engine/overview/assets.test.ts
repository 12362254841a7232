import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import { unitsOf } from '#jobs/engine/graph.ts'
import { materialize } from '#jobs/engine/in-process.ts'
import { assetDetail } from '#jobs/engine/overview/asset.ts'
import { assetOverview } from '#jobs/engine/overview/assets.ts'
import { planRequest, startPlan } from '#jobs/engine/request.ts'
import { waitForRun } from '#jobs/engine/watch.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { test } from '#test/kit/database.ts'

import { below, createTables, numbers, Outside, settle, shifted } from '../kit.ts'
import { days, record } from './kit.ts'

/** Ten days have ended. */
const now = new Date('2026-11-11T00:00:00Z')
const hasNews = async () => false

async function look(db: Kysely<AnyDatabase>, assets: readonly Asset[]) {
  const found = await assetOverview(db, { assets, hasNews, now })
  return found.map(({ asset, state, reason, partitions, rows }) => ({
    asset: asset.name,
    state,
    reason,
    rows,
    ...(partitions && {
      counts: [partitions.expected, partitions.missing, partitions.stale, partitions.failed].map(
        (keys) => keys.length,
      ),
    }),
  }))
}

test('partitions are counted as expected, missing, stale and failed', async ({ db }) => {
  const up = days('mart.up')
  const down = days('mart.down', { reads: [up] })
  await record(db, up, { from: '2026-11-01', to: '2026-11-10' })
  await record(db, down, { from: '2026-11-01', to: '2026-11-07', reads: { 'mart.up': 1 } })
  await sql`update engine.partition_state set changed = 2, version = 2
    where asset = 'mart.up' and partition in ('2026-11-02', '2026-11-03')`.execute(db)

  expect(await look(db, [up, down])).toEqual([
    { asset: 'mart.up', state: 'fresh', reason: null, rows: 30, counts: [10, 0, 0, 0] },
    { asset: 'mart.down', state: 'missing', reason: 'is missing', rows: 21, counts: [10, 3, 2, 0] },
  ])
})

test('a failed partition is failed until it is materialized', async ({ db, url, database }) => {
  let isBad = true
  const load = (key: string) => {
    if (isBad && key === '2026-11-03') throw new Error('the third is bad')
  }
  const asset = days('mart.days', { load })
  const worker = await startWorker({ url, assets: [asset], intake: new Outside() })
  const request = { kind: 'backfill', request: {}, units: unitsOf([asset]) } as const
  const plan = await planRequest(db, { assets: [asset], now }, request)
  await waitForRun(db, (await startPlan(db, plan))!, { everyMs: 20 })
  await worker.close()

  expect(await look(db, [asset])).toEqual([
    {
      asset: 'mart.days',
      state: 'failed',
      reason: 'the third is bad',
      rows: 9,
      counts: [10, 1, 0, 1],
    },
  ])
  const failed = await planRequest(db, { assets: [asset], now }, { ...request, only: 'failed' })
  expect(failed.steps.map(({ partition }) => partition)).toEqual(['2026-11-03'])

  isBad = false
  await materialize(database, [asset], { partitions: ['2026-11-03'], now })
  expect(await look(db, [asset])).toMatchObject([{ state: 'fresh', counts: [10, 0, 0, 0] }])
  const mended = await planRequest(db, { assets: [asset], now }, { ...request, only: 'failed' })
  expect(mended.steps).toEqual([])
})

test('what a table had before it was divided is not counted with its partitions', async ({
  db,
}) => {
  const asset = days('mart.days')
  await record(db, asset, { from: '2026-11-01', to: '2026-11-10' })
  await sql`insert into engine.partition_state
    select asset, '', version, changed, code_version, reads, 1000, run, materialized_at
    from engine.partition_state limit 1`.execute(db)
  expect(await look(db, [asset])).toMatchObject([{ rows: 30, counts: [10, 0, 0, 0] }])
})

test('an asset is late when its newest due partition is not there, however new the others', async ({
  db,
}) => {
  const asset = days('mart.days', { freshHours: 6 })
  await record(db, asset, { from: '2026-11-01', to: '2026-11-08' })
  const at = async (instant: string) => {
    const plan = { assets: [asset], hasNews, now: new Date(instant) }
    return (await assetOverview(db, plan))[0]?.freshness
  }
  expect(await at('2026-11-10T05:00:00Z')).toMatchObject({ expected: '2026-11-08', state: 'fresh' })
  expect(await at('2026-11-10T07:00:00Z')).toMatchObject({
    expected: '2026-11-09',
    since: '2026-11-10T06:00:00.000Z',
    state: 'late',
  })
})

test('one asset says who reads it and how its checks came out', async ({ db, database }) => {
  const feed = numbers('raw.feed')
  const checks = [below(5, 'mart.facts', 'warning'), below(100, 'mart.facts', 'error')]
  const facts = shifted('mart.facts', [feed], { checks })
  const report = shifted('mart.report', [facts])
  const assets = [feed, facts, report]
  await createTables(db, assets)
  const outside = new Outside()
  outside.put('raw.feed', 1, 7, 8)
  await settle(database, assets, outside)

  expect(await assetDetail(db, { assets, hasNews }, facts)).toMatchObject({
    state: 'fresh',
    rows: 3,
    reads: ['raw.feed'],
    readBy: ['mart.report'],
    checks: [
      {
        severity: 'warning',
        brokenParts: 1,
        partition: null,
        broken: 2,
        sample: [{ n: 8 }, { n: 9 }],
      },
      { severity: 'error', brokenParts: 0, broken: 0 },
    ],
  })
})

test('fifty thousand partitions of one asset are counted', async ({ db }) => {
  const up = days('mart.up', { from: '1890-01-01' })
  const down = days('mart.down', { from: '1890-01-01', reads: [up], freshHours: 6 })
  await record(db, up, { from: '1890-01-01', to: '2026-11-09' })
  await record(db, down, { from: '1890-01-01', to: '2026-11-09', reads: { 'mart.up': 1 } })
  const plan = { assets: [up, down], hasNews, now }
  const units = unitsOf(plan.assets).filter(({ name }) => name === 'mart.down')
  const [found] = await assetOverview(db, plan, units)
  expect(found?.partitions?.expected).toHaveLength(49_987)
  expect(found?.partitions?.missing).toEqual(['2026-11-10'])
})
