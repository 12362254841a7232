import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'
import * as z from 'zod'

import { type AnyDatabase, computed, model, type Readable } from '#kit/asset.ts'
import { code, count, day, instant } from '#kit/columns.ts'
import { daily, oneOf, weekly } from '#kit/partitions/dimension.ts'
import { inSlice } from '#kit/partitions/in-slice.ts'
import { mapped, window } from '#kit/partitions/mapping.ts'
import type { Slice } from '#kit/partitions/slice.ts'
import { createTableSql } from '#kit/table.ts'
import { materialize } from '#jobs/engine/in-process.ts'
import { planRequest, startPlan } from '#jobs/engine/request.ts'
import type { Only } from '#jobs/engine/states.ts'
import { unitsOf } from '#jobs/engine/graph.ts'
import { startRun } from '#jobs/engine/run.ts'
import { waitForRun } from '#jobs/engine/watch.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { test } from '#test/kit/database.ts'

import { Outside, settle, statesOf } from './kit.ts'

const sales = z.object({ day: day(), sold: count() })
const week = z.object({ week_start: day(), sold: count() })

/** What the shop sold, a row a day, from a table that stands for the outside. */
const byDay = model({
  name: 'mart.by_day',
  description: 'Sales of a day.',
  contract: sales,
  grain: ['day'],
  reads: [],
  partitionedBy: { day: daily({ from: '2026-12-21' }) },
  query: (db: Kysely<AnyDatabase>) => db.selectFrom('raw.till').select(['day', 'sold']),
})

const byWeek = model({
  name: 'mart.by_week',
  description: 'Sales of a week.',
  contract: week,
  grain: ['week_start'],
  reads: [byDay],
  partitionedBy: { week_start: weekly({ from: '2026-12-21' }) },
  query: (db) =>
    db
      .selectFrom('mart.by_day')
      .groupBy(({ ref }) => sql`date_trunc('week', ${ref('day')})`)
      .select((eb) => [
        sql<string>`date_trunc('week', ${eb.ref('day')})::date`.as('week_start'),
        sql<number>`sum(${eb.ref('sold')})::int4`.as('sold'),
      ]),
})

async function open(db: Kysely<AnyDatabase>, ...days: [string, number][]) {
  await sql`create table raw.till (day date, sold int)`.execute(db)
  for (const asset of [byDay, byWeek]) await sql.raw(createTableSql(asset)).execute(db)
  await sell(db, ...days)
}

async function sell(db: Kysely<AnyDatabase>, ...days: [string, number][]) {
  for (const [date, sold] of days) {
    await sql`delete from raw.till where day = ${date}`.execute(db)
    await sql`insert into raw.till values (${date}, ${sold})`.execute(db)
  }
}

/** The tables' rows as [day, sold]. */
async function rowsOf(db: Kysely<AnyDatabase>, { name, grain }: typeof byDay | typeof byWeek) {
  const rows = await db.selectFrom(name).selectAll().orderBy(grain[0]!).execute()
  return rows.map((row) => Object.values(row))
}

/** What was materialized since a number: asset, partition and rows. */
async function done(db: Kysely<AnyDatabase>, run: number) {
  const { rows } = await sql<{ done: string }>`
    select asset || ' ' || partition || ' ' || rows as done
    from engine.materialization where run = ${run} order by asset, partition`.execute(db)
  return rows.map((row) => row.done)
}

const assets = [byDay, byWeek]
/** Monday of the week after W53: of the days up to Sunday, 3 January, all have ended. */
const now = new Date('2027-01-04T12:00:00Z')

test('a week is made of its seven days, also the 53rd of a year that has it', async ({
  db,
  database,
}) => {
  await open(db, ['2026-12-27', 1], ['2026-12-28', 2], ['2027-01-01', 4], ['2027-01-03', 8])

  await materialize(database, assets, { now })

  expect(await rowsOf(db, byWeek)).toEqual([
    ['2026-12-21', 1],
    ['2026-12-28', 14],
  ])
  const { rows } = await sql`
    select partition, rows from engine.partition_state
    where asset = 'mart.by_week' order by partition`.execute(db)
  expect(rows).toEqual([
    { partition: '2026-W52', rows: 1 },
    { partition: '2026-W53', rows: 1 },
  ])
})

test('a week waits for the seven days it reads and for no other', async ({ db, database, url }) => {
  await open(db, ['2026-12-28', 2])
  const plan = await planRequest(
    db,
    { assets, now },
    { kind: 'backfill', request: {}, units: unitsOf(assets) },
  )
  expect(plan.steps).toHaveLength(14 + 2)
  const run = await startPlan(db, plan)

  const { rows } = await sql<{ week: string; days: string[] }>`
    select down.partition as week, array_agg(up.partition order by up.partition) as days
    from engine.edge join engine.step as up on up.id = edge.up
    join engine.step as down on down.id = edge.down group by 1 order by 1`.execute(db)
  expect(rows.map(({ week: name, days }) => [name, days.length, days[0], days.at(-1)])).toEqual([
    ['2026-W52', 7, '2026-12-21', '2026-12-27'],
    ['2026-W53', 7, '2026-12-28', '2027-01-03'],
  ])
  await using _worker = await startWorker({ url, assets, intake: new Outside() })
  expect((await waitForRun(db, run!)).state).toBe('done')
  expect(await rowsOf(db, byWeek)).toEqual([['2026-12-28', 2]])
  expect(database.url).toBe(url)
})

test('a changed day makes its week stale and no other', async ({ db, database }) => {
  await open(db, ['2026-12-27', 1], ['2026-12-28', 2])
  await materialize(database, assets, { now })
  await sell(db, ['2026-12-28', 20])
  await materialize(database, [byDay], { now, partitions: ['2026-12-28'] })
  const outside = new Outside()

  await using _worker = await startWorker({ url: database.url, assets, intake: outside })
  const run = await startRun(db, { assets, hasNews: outside.hasNews, now })
  const status = await waitForRun(db, run!.id)

  expect(statesOf(status)).toEqual({ 'mart.by_week': 'done' })
  expect(status.steps[0]?.reason).toBe('2026-W53: mart.by_day changed')
  expect(await done(db, run!.id)).toEqual(['mart.by_week 2026-W53 1'])
  expect(await rowsOf(db, byWeek)).toEqual([
    ['2026-12-21', 1],
    ['2026-12-28', 20],
  ])
})

test('a partition that is materialized anew leaves the rows of its neighbours alone', async ({
  db,
  database,
}) => {
  await open(db, ['2026-12-21', 1], ['2026-12-22', 2], ['2026-12-23', 3])
  await materialize(database, [byDay], { now })
  await sell(db, ['2026-12-21', 10], ['2026-12-22', 20], ['2026-12-23', 30])

  await materialize(database, [byDay], { now, partitions: ['2026-12-22'] })

  expect(await rowsOf(db, byDay)).toEqual([
    ['2026-12-21', 1],
    ['2026-12-22', 20],
    ['2026-12-23', 3],
  ])
})

const hours = z.object({ at: instant(), n: count() })

test.for([
  ['2026-03-29', 23],
  ['2026-10-25', 25],
  ['2026-10-26', 24],
] as const)('the day %s of Berlin has %i hours', async ([date, length], { db, database }) => {
  const perHour = computed({
    name: 'mart.per_hour',
    description: 'A row an hour.',
    contract: hours,
    grain: ['at'],
    reads: [],
    version: '1',
    partitionedBy: { at: daily({ zone: 'Europe/Berlin', from: date }) },
    async load(tx, _, { slice }) {
      const { rows } = await sql`
        insert into mart.per_hour (at, n)
        select at, 1 from generate_series(
          timestamptz '2026-03-01 00:00Z', '2026-11-30 00:00Z', '1 hour') as at
        where ${inSlice({ instant: sql.ref('at') }, slice)}
        returning at`.execute(tx)
      return { rows: rows.length }
    },
  })
  await sql.raw(createTableSql(perHour)).execute(db)

  await materialize(database, [perHour], { partitions: [date] })

  const { rows } = await sql`select partition, rows from engine.partition_state`.execute(db)
  expect(rows).toEqual([{ partition: date, rows: length }])
})

const places = z.object({ marketplace: code(['DE', 'JP']), day: day(), sold: count() })
const readsTill = (name: string, from: Readable[] = []) =>
  model({
    name: `mart.${name}`,
    description: 'Sales of a day in a marketplace.',
    contract: places,
    grain: ['marketplace', 'day'],
    reads: from,
    partitionedBy: {
      day: daily({ from: '2026-12-21' }),
      marketplace: oneOf(['DE', 'JP']),
    },
    query: (db: Kysely<AnyDatabase>) =>
      db.selectFrom(from[0]?.name ?? 'raw.tills').select(['marketplace', 'day', 'sold']),
  })

test('a backfill over two dimensions materializes every pair once, each after its own', async ({
  db,
  url,
}) => {
  const tills = readsTill('tills')
  const after = readsTill('after', [tills])
  const both = [tills, after]
  await sql`create table raw.tills (marketplace text, day date, sold int)`.execute(db)
  for (const asset of both) await sql.raw(createTableSql(asset)).execute(db)
  await sql`
    insert into raw.tills select m, d::date, 1 from unnest(array['DE', 'JP']) as m
    cross join generate_series(date '2026-12-21', date '2026-12-30', '1 day') as d`.execute(db)
  const keysOf = (_: unknown, expected: readonly string[]) => expected.slice(0, 12)

  const plan = await planRequest(
    db,
    { assets: both, now },
    { kind: 'backfill', request: {}, units: unitsOf(both), atOnce: 3, batch: 4, keysOf },
  )
  expect(plan.steps.map(({ unit, partition }) => `${unit.name} ${partition}`)).toEqual([
    'mart.tills DE/2026-12-21..DE/2026-12-24',
    'mart.tills DE/2026-12-25..DE/2026-12-28',
    'mart.tills DE/2026-12-29..DE/2027-01-01',
    'mart.after DE/2026-12-21..DE/2026-12-24',
    'mart.after DE/2026-12-25..DE/2026-12-28',
    'mart.after DE/2026-12-29..DE/2027-01-01',
  ])
  const whole = await planRequest(
    db,
    { assets: both, now },
    { kind: 'backfill', request: {}, units: unitsOf(both), atOnce: 5 },
  )
  const run = await startPlan(db, whole)
  await using _worker = await startWorker({ url, assets: both, intake: new Outside() })
  const status = await waitForRun(db, run!)

  expect(status.state).toBe('done')
  const { rows } = await sql`
    select asset, count(*) as times, count(distinct partition) as partitions, sum(rows)::int as rows
    from engine.materialization group by 1 order by 1`.execute(db)
  expect(rows).toEqual([
    { asset: 'mart.after', times: 28, partitions: 28, rows: 20 },
    { asset: 'mart.tills', times: 28, partitions: 28, rows: 20 },
  ])
  const { rows: early } = await sql`
    select from engine.materialization as up join engine.materialization as down using (partition)
    where up.asset = 'mart.tills' and down.asset = 'mart.after' and down.id < up.id`.execute(db)
  expect(early).toEqual([])
})

test('a bad day rolls back alone, and its rows of before stay visible', async ({
  db,
  url,
  database,
}) => {
  await open(db, ['2026-12-21', 1], ['2026-12-22', 2])
  const judged = {
    ...byDay,
    retry: { limit: 1, backoffMs: 0 },
    checks: [
      {
        name: 'nobody sells more than 100',
        severity: 'error' as const,
        because: 'it is a small shop',
        broken: (tx: Kysely<AnyDatabase>) =>
          tx.selectFrom('mart.by_day').select(['day', 'sold']).where('sold', '>', 100),
      },
    ],
  }
  await materialize(database, [judged, byWeek], { now })
  await sell(db, ['2026-12-21', 10], ['2026-12-22', 500], ['2026-12-23', 30])
  const all = [judged, byWeek]
  const plan = await planRequest(
    db,
    { assets: all, now },
    { kind: 'backfill', request: {}, units: unitsOf(all) },
  )
  const run = await startPlan(db, plan)
  await using _worker = await startWorker({ url, assets: all, intake: new Outside() })
  const status = await waitForRun(db, run!)

  expect(status.state).toBe('failed')
  const ended = status.steps.filter(({ state }) => state !== 'done')
  expect(
    ended.map(({ asset, partition, state, error }) => [asset, partition, state, error]),
  ).toEqual([
    [
      'mart.by_day',
      '2026-12-22',
      'failed',
      'mart.by_day: 1 row breaks the rule "nobody sells more than 100" (it is a small shop). ' +
        'First: {"day":"2026-12-22","sold":500}. The load was rolled back and the earlier rows stay.',
    ],
    ['mart.by_week', '2026-W52', 'skipped', 'mart.by_day failed'],
  ])
  expect((await rowsOf(db, byDay)).slice(0, 3)).toEqual([
    ['2026-12-21', 10],
    ['2026-12-22', 2],
    ['2026-12-23', 30],
  ])
  const failed = await planOf(db, all, 'failed')
  expect(failed.steps.map(({ partition }) => partition)).toEqual(['2026-12-22'])
})

async function planOf(db: Kysely<AnyDatabase>, all: typeof assets, only: Only) {
  const request = { kind: 'backfill', request: {}, units: unitsOf(all), only } as const
  return await planRequest(db, { assets: all, now }, request)
}

test('only what is missing, or stale, is planned when nothing else is asked for', async ({
  db,
  database,
}) => {
  await open(db, ['2026-12-21', 1])
  await materialize(database, assets, { now, partitions: ['2026-12-21', '2026-12-22'] }).catch(
    () => {},
  )
  await materialize(database, [byDay], { now, partitions: ['2026-12-21', '2026-12-22'] })

  const missing = await planOf(db, [byDay, byWeek], 'missing')

  expect(missing.steps.filter(({ unit }) => unit.name === 'mart.by_day')).toHaveLength(12)
  expect(missing.steps.some(({ partition }) => partition === '2026-12-22')).toBe(false)
})

test('a window reads the neighbours too', async ({ db, database }) => {
  await open(db, ['2026-12-21', 1], ['2026-12-22', 2])
  const overTwoDays = model({
    name: 'mart.over_two_days',
    description: 'Sales of a day and the day before.',
    contract: sales,
    grain: ['day'],
    reads: [mapped(byDay, window(1, 0))],
    partitionedBy: { day: daily({ from: '2026-12-21' }) },
    query: (tx) =>
      tx
        .selectFrom('mart.by_day as today')
        .leftJoin('mart.by_day as before', (join) =>
          join.on(sql<boolean>`before.day = today.day - 1`),
        )
        .select((eb) => [
          'today.day',
          sql<number>`${eb.ref('today.sold')} + coalesce(${eb.ref('before.sold')}, 0)`.as('sold'),
        ]),
  })
  await sql.raw(createTableSql(overTwoDays)).execute(db)
  const all = [byDay, overTwoDays]
  await materialize(database, all, { now })
  await sell(db, ['2026-12-21', 100])
  await materialize(database, [byDay], { now, partitions: ['2026-12-21'] })

  const plan = await planOf(db, all as never, 'stale')

  expect(plan.steps.map(({ unit, partition }) => `${unit.name} ${partition}`)).toEqual([
    'mart.over_two_days 2026-12-21',
    'mart.over_two_days 2026-12-22',
  ])
})

test('a query that only knows parts of its table is refused in a sentence', async ({ db }) => {
  const narrow = {
    ...byDay,
    query: (tx: Kysely<AnyDatabase>, slice: Slice) =>
      tx.selectFrom('raw.till').select(['day', 'sold']).where('day', '>=', slice.days!.from),
  }
  await open(db)
  await expect(planOf(db, [narrow, byWeek], 'stale')).rejects.toThrow(
    'mart.by_day has a query, or a check, that cannot be compiled for the whole table',
  )
})

test('models that belong together are materialized in one step, or not at all', async ({
  db,
  database,
}) => {
  const sum = (name: string, expression: string) =>
    model({
      name: `mart.${name}`,
      description: 'A sum.',
      contract: z.object({ n: count() }),
      grain: ['n'],
      reads: [],
      together: 'sums',
      retry: { limit: 1, backoffMs: 0 },
      query: (tx: Kysely<AnyDatabase>) =>
        tx.selectFrom('raw.till').select(sql<number>`${sql.raw(expression)}`.as('n')),
    })
  await sql`create table raw.till (day date, sold int)`.execute(db)
  await sell(db, ['2026-12-21', 1], ['2026-12-22', 2])
  const good = [sum('one', 'sum(sold)::int4'), sum('two', 'count(*)::int4')]
  for (const asset of good) await sql.raw(createTableSql(asset)).execute(db)
  const outside = new Outside()

  const run = await settle(database, good, outside)

  expect(statesOf(run)).toEqual({ sums: 'done' })
  expect(await done(db, run!.id)).toEqual(['mart.one  1', 'mart.two  1'])
  await sell(db, ['2026-12-22', 20])
  const broken = [sum('one', 'sum(sold)::int4'), sum('two', '(count(*) / 0)::int4')]
  expect(statesOf(await settle(database, broken, outside))).toEqual({ sums: 'failed' })
  const { rows } = await sql`select n from mart.one`.execute(db)
  expect(rows).toEqual([{ n: 3 }])
})
