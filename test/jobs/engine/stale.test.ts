import { sql } from 'kysely'
import { expect } from 'vitest'

import { inOrder } from '#jobs/engine/graph.ts'
import { staleUnits, startRun } from '#jobs/engine/run.ts'
import { waitForRun } from '#jobs/engine/watch.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { test } from '#test/kit/database.ts'

import {
  below,
  createTables,
  isBuilding,
  numbers,
  numbersIn,
  Outside,
  settle,
  shifted,
  statesOf,
} from './kit.ts'

const fees = numbers('raw.fees')
const rates = numbers('raw.rates')
const facts = shifted('mart.facts', [fees])
const report = shifted('mart.report', [facts, rates])
const assets = [fees, rates, facts, report]

test('when nothing is stale there is no run', async ({ db, database }) => {
  await createTables(db, assets)
  const outside = new Outside()
  await settle(database, assets, outside)

  expect(await settle(database, assets, outside)).toBeNull()
})

test('a new file runs only what derives from it', async ({ db, database }) => {
  await createTables(db, assets)
  const outside = new Outside()
  await settle(database, assets, outside)
  outside.put('raw.rates', 7)

  const run = await settle(database, assets, outside)

  expect(run?.steps.map(({ asset, state, reason }) => ({ asset, state, reason }))).toEqual([
    { asset: 'raw.rates', state: 'done', reason: 'has new files' },
    { asset: 'mart.report', state: 'done', reason: 'raw.rates changed' },
  ])
})

test('a file that changes nothing leaves all that derives from it alone', async ({
  db,
  database,
}) => {
  await createTables(db, assets)
  const outside = new Outside()
  outside.put('raw.fees', 1)
  await settle(database, assets, outside)
  outside.put('raw.fees')

  const run = await settle(database, assets, outside)

  expect(run?.state).toBe('done')
  expect(statesOf(run)).toEqual({
    'raw.fees': 'done',
    'mart.facts': 'unchanged',
    'mart.report': 'unchanged',
  })
  expect(await settle(database, assets, outside)).toBeNull()
})

test('of two files one changed nothing: what derives from both is built', async ({
  db,
  database,
}) => {
  await createTables(db, assets)
  const outside = new Outside()
  await settle(database, assets, outside)
  outside.put('raw.fees')
  outside.put('raw.rates', 7)

  const run = await settle(database, assets, outside)

  expect(statesOf(run)).toEqual({
    'raw.fees': 'done',
    'raw.rates': 'done',
    'mart.facts': 'unchanged',
    'mart.report': 'done',
  })
})

test.for([
  ['query', shifted('mart.facts', [fees], { plus: '2' })],
  ['rules', shifted('mart.facts', [fees], { checks: [below(9, 'mart.facts', 'error')] })],
] as const)('a table whose %s changed is built anew', async ([, changed], { db, database }) => {
  await createTables(db, assets)
  const outside = new Outside()
  outside.put('raw.fees', 1)
  await settle(database, assets, outside)
  const renewed = [fees, rates, changed, shifted('mart.report', [changed, rates])]

  const run = await settle(database, renewed, outside)

  expect(statesOf(run)).toEqual({ 'mart.facts': 'done', 'mart.report': 'done' })
  expect(run?.steps[0]?.reason).toBe('its definition changed')
})

test('what failed is stale until it succeeds', async ({ db, database }) => {
  await createTables(db, assets)
  const outside = new Outside()
  await settle(database, assets, outside)
  const narrow = shifted('mart.facts', [fees], { checks: [below(100, 'mart.facts', 'error')] })
  const judged = [fees, rates, narrow, shifted('mart.report', [narrow, rates])]
  await settle(database, judged, outside)
  outside.put('raw.fees', 500)
  await settle(database, judged, outside)

  const reasons = await staleUnits(db, { assets: judged, hasNews: outside.hasNews })

  expect(Object.fromEntries(reasons)).toEqual({ 'mart.facts': 'raw.fees changed' })
})

test('rows that arrive while a table is being built make it stale again', async ({
  db,
  database,
  url,
}) => {
  const slow = shifted('mart.slow', [fees], { plus: 'length(pg_sleep(0.5)::text)' })
  await createTables(db, [fees, slow])
  const outside = new Outside()
  outside.put('raw.fees', 1)
  {
    await using _worker = await startWorker({ url, assets: [fees, slow], intake: outside })
    const run = await startRun(db, { assets: [fees, slow], hasNews: outside.hasNews })
    await expect
      .poll(() => isBuilding(db, 'mart.slow'), { interval: 20, timeout: 5_000 })
      .toBe(true)
    // Another run's load commits after this table's query took its snapshot.
    await sql`
      with another as (
        insert into engine.materialization (run, asset, rows, changed, reads, metadata)
        values (0, 'raw.fees', 1, true, '{}', '{}') returning id
      )
      update engine.partition_state as state set version = id, changed = id
      from another where asset = 'raw.fees'`.execute(db)
    await waitForRun(db, run!.id)
  }

  const run = await settle(database, [fees, slow], outside)

  expect(statesOf(run)).toEqual({ 'mart.slow': 'done' })
})

test('a run under way is joined, and what it does not cover follows', async ({ db, database }) => {
  await createTables(db, assets)
  const outside = new Outside()
  const first = await startRun(db, { assets: [fees, facts], hasNews: outside.hasNews })

  expect(await startRun(db, { assets, hasNews: outside.hasNews })).toEqual({
    id: first!.id,
    resumed: true,
  })
  const last = await settle(database, assets, outside)

  expect(statesOf(last)).toEqual({ 'raw.rates': 'done', 'mart.report': 'done' })
})

test('assets that read each other in a circle are refused', () => {
  const a = shifted('mart.a', [{ name: 'mart.b', contract: fees.contract }])
  const b = shifted('mart.b', [a])
  expect(() => inOrder([a, b])).toThrow('in a circle: mart.a <- mart.b <- mart.a')
})

test('an asset that reads what is not listed is refused by name', () => {
  expect(() => inOrder([facts])).toThrow('mart.facts reads raw.fees, which is not among the assets')
})

test('a table is rebuilt as a whole: rows that left its source leave it too', async ({
  db,
  database,
}) => {
  await createTables(db, [fees, facts])
  const outside = new Outside()
  outside.put('raw.fees', 1, 2)
  await settle(database, [fees, facts], outside)
  await db.deleteFrom('raw.fees').where('n', '=', 1).execute()
  outside.put('raw.fees', 3)
  await settle(database, [fees, facts], outside)

  expect(await numbersIn(db, 'mart.facts')).toEqual([3, 4])
})
