import { expect } from 'vitest'

import { FinalError } from '#jobs/engine/errors.ts'
import { cancelRun, startRun } from '#jobs/engine/run.ts'
import { bringUpToDate, runStatus, waitForRun } from '#jobs/engine/watch.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { test } from '#test/kit/database.ts'

import {
  below,
  createTables,
  isBuilding,
  numbers,
  numbersIn,
  onBothQueues,
  Outside,
  settle,
  shifted,
  statesOf,
} from './kit.ts'

const feed = numbers('raw.feed')
const left = shifted('mart.left', [feed], { plus: '10' })
const right = shifted('mart.right', [feed], { plus: '20' })
const both = shifted('mart.both', [left, right], { plus: '100' })
const diamond = [both, left, right, feed]

/** Comes in a second time soon after a failure. */
const hasty = numbers('raw.feed', { retry: { limit: 3, backoffMs: 20 } })

onBothQueues((redisUrl) => {
  test('a table that reads two others is built once, after both', async ({ db, database }) => {
    await createTables(db, diamond)
    const outside = new Outside()
    outside.put('raw.feed', 1, 2)

    const run = await settle(database, diamond, outside, { redisUrl: redisUrl() })

    expect(run?.steps.map(({ asset, state, rows }) => [asset, state, rows])).toEqual([
      ['raw.feed', 'done', 2],
      ['mart.left', 'done', 2],
      ['mart.right', 'done', 2],
      ['mart.both', 'done', 4],
    ])
    expect(await numbersIn(db, 'mart.both')).toEqual([111, 112, 121, 122])
  })

  test('a worker tells that an attempt begins, before its work', async ({ db, database }) => {
    await createTables(db, [feed])
    const outside = new Outside()
    outside.put('raw.feed', 1)
    const heard: string[] = []
    outside.during = async () => void heard.push('work')
    const onBeginning = () => heard.push('beginning')
    await settle(database, [feed], outside, { redisUrl: redisUrl(), onBeginning })
    expect(heard).toEqual(['beginning', 'work'])
  })

  test('what derives from a failed table is skipped, and the rest is built', async ({
    db,
    database,
  }) => {
    const broken = shifted('mart.left', [feed], { plus: '1 / 0' })
    const assets = [feed, broken, right, shifted('mart.both', [broken, right])]
    await createTables(db, assets)
    const outside = new Outside()
    outside.put('raw.feed', 1)

    const run = await settle(database, assets, outside, { redisUrl: redisUrl() })

    expect(run?.state).toBe('failed')
    expect(statesOf(run)).toEqual({
      'raw.feed': 'done',
      'mart.left': 'failed',
      'mart.right': 'done',
      'mart.both': 'skipped',
    })
    expect(run?.steps.map(({ error }) => error)).toEqual([
      null,
      'mart.left cannot be built: division by zero',
      null,
      'mart.left failed',
    ])
  })

  test('a load that fails twice and then succeeds is done, with its rows once', async ({
    db,
    database,
  }) => {
    await createTables(db, [feed])
    const outside = new Outside()
    outside.put('raw.feed', 1)
    let failures = 0
    outside.during = async () => {
      if (failures++ < 2) throw new Error('The disk was busy.')
    }

    const run = await settle(database, [hasty], outside, { redisUrl: redisUrl() })

    expect(run?.steps).toMatchObject([{ state: 'done', failures: 2, error: null }])
    expect(await numbersIn(db, 'raw.feed')).toEqual([1])
  })

  test('a load that fails every time is given up after the limit', async ({ db, database }) => {
    await createTables(db, [feed])
    const outside = new Outside()
    outside.during = async () => {
      throw new Error('The disk was busy.')
    }

    const run = await settle(database, [hasty], outside, { redisUrl: redisUrl() })

    expect(run?.steps).toMatchObject([
      { state: 'failed', failures: 3, error: 'The disk was busy.' },
    ])
  })

  test('an error that says it is final is not tried again', async ({ db, database }) => {
    await createTables(db, [feed])
    const outside = new Outside()
    outside.during = async () => {
      throw new FinalError('The file is a picture.')
    }

    const run = await settle(database, [hasty], outside, { redisUrl: redisUrl() })

    expect(run?.steps).toMatchObject([
      { state: 'failed', failures: 1, error: 'The file is a picture.' },
    ])
  })

  test('progress shows while the load is still open', async ({ db, url }) => {
    await createTables(db, [feed])
    const outside = new Outside()
    const shown = Promise.withResolvers<unknown>()
    outside.during = async (_tx, _source, { progress }) => {
      progress(0.5, '1 of 2 files')
      await shown.promise
    }
    await using _worker = await startWorker({
      url,
      redisUrl: redisUrl(),
      assets: [feed],
      intake: outside,
    })
    const run = await startRun(db, { assets: [feed], hasNews: outside.hasNews })

    await expect
      .poll(async () => (await runStatus(db, run!.id)).steps, { interval: 20, timeout: 5_000 })
      .toMatchObject([{ state: 'running', progress: 0.5, note: '1 of 2 files' }])
    shown.resolve(undefined)
    expect((await waitForRun(db, run!.id)).steps).toMatchObject([{ state: 'done', progress: 1 }])
  })

  test('a cancelled run stops its query and leaves nothing behind', async ({ db, url }) => {
    const slow = shifted('mart.slow', [feed], { plus: 'length(pg_sleep(60)::text)' })
    await createTables(db, [feed, slow])
    const outside = new Outside()
    outside.put('raw.feed', 1)
    await using _worker = await startWorker({
      url,
      redisUrl: redisUrl(),
      assets: [feed, slow],
      intake: outside,
    })
    const run = await startRun(db, { assets: [feed, slow], hasNews: outside.hasNews })
    await expect
      .poll(() => isBuilding(db, 'mart.slow'), { interval: 20, timeout: 5_000 })
      .toBe(true)

    await cancelRun(db, run!.id)

    expect(await runStatus(db, run!.id)).toMatchObject({ state: 'cancelled' })
    await expect
      .poll(() => isBuilding(db, 'mart.slow'), { interval: 20, timeout: 2_000 })
      .toBe(false)
    expect(await numbersIn(db, 'mart.slow')).toEqual([])
  })
})

test('a broken rule of severity error leaves the earlier rows and names the first offender', async ({
  db,
  database,
}) => {
  const judged = shifted('mart.judged', [feed], { checks: [below(100, 'mart.judged', 'error')] })
  const after = shifted('mart.after', [judged])
  const assets = [feed, judged, after]
  await createTables(db, assets)
  const outside = new Outside()
  outside.put('raw.feed', 1)
  await settle(database, assets, outside)
  outside.put('raw.feed', 500, 600)

  const run = await settle(database, assets, outside)

  expect(statesOf(run)).toEqual({
    'raw.feed': 'done',
    'mart.judged': 'failed',
    'mart.after': 'skipped',
  })
  expect(run?.steps[1]?.error).toBe(
    'mart.judged: 2 rows break the rule "every number is below 100" (larger ones do not fit). ' +
      'First: {"n":501}. The load was rolled back and the earlier rows stay.',
  )
  expect(await numbersIn(db, 'mart.judged')).toEqual([2])
  expect(await checkResults(db)).toEqual([
    { severity: 'error', broken: 0, sample: [] },
    { severity: 'error', broken: 2, sample: [{ n: 501 }, { n: 601 }] },
  ])
})

test('who started a run and waits for it sees it fail once', async ({ db, url }) => {
  const broken = shifted('mart.left', [feed], { plus: '1 / 0' })
  await createTables(db, [feed, broken])
  const outside = new Outside()
  outside.put('raw.feed', 1)
  const plan = { assets: [feed, broken], hasNews: outside.hasNews }
  await using _worker = await startWorker({ url, assets: plan.assets, intake: outside })
  const started = await startRun(db, plan)

  const run = await bringUpToDate(db, plan, { started: started! })

  expect(run).toMatchObject({ id: started!.id, state: 'failed' })
  expect(await db.selectFrom('engine.run').select('state').execute()).toEqual([{ state: 'failed' }])
})

test('a broken rule of severity warning is written down and blocks nothing', async ({
  db,
  database,
}) => {
  const judged = shifted('mart.judged', [feed], { checks: [below(3, 'mart.judged', 'warning')] })
  await createTables(db, [feed, judged])
  const outside = new Outside()
  outside.put('raw.feed', 1, 2, 3, 4, 5, 6, 7, 8)

  const run = await settle(database, [feed, judged], outside)

  expect(run?.state).toBe('done')
  expect(await numbersIn(db, 'mart.judged')).toHaveLength(8)
  expect(await checkResults(db)).toEqual([
    {
      severity: 'warning',
      broken: 7,
      sample: [{ n: 3 }, { n: 4 }, { n: 5 }, { n: 6 }, { n: 7 }],
    },
  ])
})

test('a Redis that does not answer is named, without its password', async ({ url }) => {
  const worker = startWorker({
    url,
    redisUrl: 'redis://:secret@127.0.0.1:1',
    assets: diamond,
    intake: new Outside(),
  })

  await expect(worker).rejects.toThrow(
    'REDIS_URL is redis://:***@127.0.0.1:1, and no Redis answers there.',
  )
})

async function checkResults(db: Parameters<typeof numbersIn>[0]) {
  return await db
    .selectFrom('engine.check_result')
    .select(['severity', 'broken', 'sample'])
    .orderBy('id')
    .execute()
}
