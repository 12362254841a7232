import { expect } from 'vitest'

import { startWorker } from '#jobs/engine/worker.ts'
import { waitForRun } from '#jobs/engine/watch.ts'
import { isBuilding, numbersIn } from '#test/jobs/engine/kit.ts'
import { feed, napping } from '#test/jobs/engine/napping.ts'
import { test } from '#test/kit/database.ts'

import { outsideWithRows, planNap, startWorkerProcess, until } from './kit.ts'

test('a step under way ends before a worker that was asked to stop does', async ({ db, url }) => {
  const run = await planNap(db, 2)
  const { child, ended, lines } = startWorkerProcess(url, 30)
  await until(() => isBuilding(db, 'mart.napping'))
  child.kill('SIGTERM')

  expect(await ended).toBe(0)
  expect(await numbersIn(db, 'mart.napping')).toEqual([1, 2])
  const { steps } = await waitForRun(db, run)
  expect(steps.map(({ asset, state }) => [asset, state])).toEqual([
    ['raw.feed', 'done'],
    ['mart.napping', 'done'],
  ])
  expect(lines.slice(-3).map(({ msg }) => msg)).toEqual([
    'Closing, stopped by SIGTERM. Takes no more steps. Under way: 1, with 30 s to end.',
    'mart.napping done',
    'Closed.',
  ])
  expect(await db.selectFrom('engine.worker').selectAll().execute()).toEqual([])
  expect(await db.selectFrom('engine.log').selectAll().execute()).toEqual([])
})

test('a step that outlasts the grace is given back, and another worker does it', async ({
  db,
  url,
}) => {
  const run = await planNap(db, 60)
  const { child, ended, lines } = startWorkerProcess(url, 1)
  await until(() => isBuilding(db, 'mart.napping'))
  const since = Date.now()
  child.kill('SIGTERM')

  expect(await ended).toBe(0)
  expect(Date.now() - since).toBeGreaterThan(900)
  expect(Date.now() - since).toBeLessThan(10_000)
  expect(lines.map(({ msg }) => msg)).toContain(
    'Time is up: interrupts what runs and gives it back.',
  )
  expect(
    await db
      .selectFrom('engine.step')
      .select(['asset', 'state', 'attempt', 'failures', 'error'])
      .where('asset', '=', 'mart.napping')
      .execute(),
  ).toEqual([{ asset: 'mart.napping', state: 'ready', attempt: 2, failures: 0, error: null }])
  expect(await db.selectFrom('engine.log').select(['level', 'message']).execute()).toEqual([
    { level: 'info', message: 'Attempt 1 was interrupted and given back. The worker is closing.' },
  ])

  await db.updateTable('raw.nap').set({ n: 0 }).execute()
  await using _worker = await startWorker({
    url,
    assets: [feed, napping],
    intake: outsideWithRows(),
  })
  expect((await waitForRun(db, run)).state).toBe('done')
  expect(await numbersIn(db, 'mart.napping')).toEqual([1, 2])
})

test('a second signal interrupts at once', async ({ db, url }) => {
  await planNap(db, 60)
  const { child, ended, says } = startWorkerProcess(url, 30)
  await until(() => isBuilding(db, 'mart.napping'))
  child.kill('SIGINT')
  await says('Closing')
  const since = Date.now()
  // Within a second it would be the same Ctrl-C, passed on twice.
  await until(() => Date.now() - since > 1_100)
  child.kill('SIGINT')

  expect(await ended).toBe(130)
  expect(Date.now() - since).toBeLessThan(10_000)
  expect(
    await db
      .selectFrom('engine.step')
      .select(['state', 'failures'])
      .where('asset', '=', 'mart.napping')
      .execute(),
  ).toEqual([{ state: 'ready', failures: 0 }])
})
