import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'

import { type AnyDatabase } from '#kit/asset.ts'
import { materialize } from '#jobs/engine/in-process.ts'
import { unitsOf } from '#jobs/engine/graph.ts'
import { planRequest, startPlan } from '#jobs/engine/request.ts'
import { startRun } from '#jobs/engine/run.ts'
import { keepUp } from '#jobs/engine/timetable/upkeep.ts'
import { test } from '#test/kit/database.ts'

import { below, createTables, numbers, numbersIn, Outside, settle, shifted } from '../kit.ts'
import { byDay, endRuns, openShop, runsOf } from './kit.ts'

const fees = numbers('raw.fees')
const noRetry = { retry: { limit: 1, backoffMs: 0 } }
const strict = shifted('mart.strict', [fees], {
  checks: [below(100, 'mart.strict', 'error')],
  ...noRetry,
})
const after = shifted('mart.after', [strict], noRetry)
const other = shifted('mart.other', [fees], noRetry)
const assets = [fees, strict, after, other]

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000)

async function plannedIn(db: Kysely<AnyDatabase>) {
  const { rows } = await sql<{ asset: string }>`
    select asset from engine.step where run = (select max(id) from engine.run) order by id`.execute(
    db,
  )
  return rows.map(({ asset }) => asset)
}

test('the partition of a day that has ended is made without anybody asking', async ({
  db,
  database,
}) => {
  const sales = { ...byDay(), automatic: true }
  await openShop(db, [sales])
  await materialize(database, [sales], { now: new Date('2026-11-28T12:00:00Z') })
  const plan = { assets: [sales], hasNews: async () => false }

  await keepUp(db, { ...plan, now: new Date('2026-11-28T22:59:00Z') })
  expect(await runsOf(db)).toEqual([])
  await keepUp(db, { ...plan, now: new Date('2026-11-28T23:00:00Z') })
  await keepUp(db, { ...plan, now: new Date('2026-11-28T23:00:30Z') })

  expect(await runsOf(db)).toEqual([{ kind: 'upkeep', by: null, state: 'running' }])
})

test('what another run is making is left to that run', async ({ db }) => {
  const sales = { ...byDay(), automatic: true }
  await openShop(db, [sales])
  const plan = { assets: [sales], hasNews: async () => false, now: new Date('2026-11-28T12:00Z') }
  const only = new Set(['mart.by_day'])
  await startRun(db, plan, { kind: 'schedule', request: { schedule: 'morning' }, only })

  await keepUp(db, plan)

  expect(await runsOf(db)).toEqual([{ kind: 'schedule', by: 'morning', state: 'running' }])
})

test('what derives from a table under backfill is made now and then, not after each partition', async ({
  db,
  database,
}) => {
  const target = shifted('mart.target', [fees])
  await createTables(db, [fees, target])
  const both = [fees, target]
  const outside = new Outside()
  outside.put('raw.fees', 1)
  await settle(database, both, outside)
  const plan = { assets: both, hasNews: outside.hasNews, now: new Date() }
  const units = unitsOf([fees])
  const request = { kind: 'backfill', request: {}, units } as const
  await startPlan(db, await planRequest(db, { assets: both }, request))
  await sql`
    update engine.partition_state set changed = changed + 1000 where asset = 'raw.fees'`.execute(db)

  await keepUp(db, plan)
  expect((await runsOf(db)).map(({ kind }) => kind)).toEqual(['upkeep', 'backfill'])

  await sql`
    update engine.partition_state set materialized_at = now() - interval '11 minutes'`.execute(db)
  await keepUp(db, plan)
  expect((await runsOf(db)).map(({ kind }) => kind)).toEqual(['upkeep', 'backfill', 'upkeep'])
})

test('what is not automatic is left alone', async ({ db }) => {
  const sales = byDay()
  await openShop(db, [sales])
  const plan = { assets: [sales], hasNews: async () => false }
  await keepUp(db, { ...plan, now: new Date('2026-11-28T22:59:00Z') })
  expect(await runsOf(db)).toEqual([])
})

test('what failed is tried again after a while, and again after twice as long', async ({
  db,
  database,
}) => {
  await createTables(db, assets)
  const outside = new Outside()
  outside.put('raw.fees', 500)
  expect((await settle(database, assets, outside))?.state).toBe('failed')
  const plan = { assets, hasNews: outside.hasNews }

  await keepUp(db, { ...plan, now: inMinutes(0.5) })
  expect(await runsOf(db)).toHaveLength(1)
  await keepUp(db, { ...plan, now: inMinutes(1.1) })
  expect(await runsOf(db)).toHaveLength(2)
  expect(await plannedIn(db)).toEqual(['mart.strict', 'mart.after'])
  expect((await settle(database, assets, outside))?.state).toBe('failed')
  await sql`delete from engine.run where state = 'running'`.execute(db)

  const runs = (await runsOf(db)).length
  await keepUp(db, { ...plan, now: inMinutes(1.5) })
  expect(await runsOf(db)).toHaveLength(runs)
  await keepUp(db, { ...plan, now: inMinutes(70) })
  expect(await runsOf(db)).toHaveLength(runs + 1)
})

test('what failed is tried again at once when what it reads has changed', async ({
  db,
  database,
}) => {
  await createTables(db, assets)
  const outside = new Outside()
  outside.put('raw.fees', 500)
  await settle(database, assets, outside)
  await db.deleteFrom('raw.fees').execute()
  outside.put('raw.fees', 7)
  await settle(database, [fees], outside)
  const plan = { assets, hasNews: outside.hasNews }

  await keepUp(db, { ...plan, now: new Date() })

  expect(await plannedIn(db)).toEqual(['mart.strict', 'mart.after', 'mart.other'])
})

test('while a table waits to be tried again, what does not derive from it is kept up', async ({
  db,
  database,
}) => {
  const rates = numbers('raw.rates')
  const both = shifted('mart.both', [rates, strict], noRetry)
  const free = shifted('mart.free', [rates], noRetry)
  const all = [...assets, rates, both, free]
  await createTables(db, all)
  const outside = new Outside()
  outside.put('raw.fees', 500)
  await settle(database, all, outside)
  outside.put('raw.rates', 7)

  await keepUp(db, { assets: all, hasNews: outside.hasNews, now: new Date() })

  expect(await plannedIn(db)).toEqual(['raw.rates', 'mart.free'])
  await endRuns(db)
  expect(await numbersIn(db, 'mart.both')).toEqual([])
})
