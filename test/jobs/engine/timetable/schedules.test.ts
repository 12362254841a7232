import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'
import * as z from 'zod'

import { type AnyDatabase, model } from '#kit/asset.ts'
import { count, day } from '#kit/columns.ts'
import { weekly } from '#kit/partitions/dimension.ts'
import { materialize } from '#jobs/engine/in-process.ts'
import { pauseRun, startRun } from '#jobs/engine/run.ts'
import { startDue } from '#jobs/engine/timetable/schedules.ts'
import { waitForRun } from '#jobs/engine/watch.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { test } from '#test/kit/database.ts'

import { Outside } from '../kit.ts'
import { byDay, endRuns, morning, openShop, runsOf, ticking } from './kit.ts'

const sales = byDay()
const time = ticking([morning], [sales])
const { schedules } = time.timetable
const started = { kind: 'schedule', by: 'morning', state: 'running' }

async function stateOf(db: Kysely<AnyDatabase>, name = 'morning') {
  const { rows } = await sql<{ lastDueAt: string; lastRun: number | null; error: string | null }>`
    select last_due_at as "lastDueAt", last_run as "lastRun", error
    from engine.schedule where name = ${name}`.execute(db)
  return rows[0]!
}

test('a schedule seen for the first time waits for its next time', async ({ db }) => {
  await openShop(db, [sales])

  await time.at(db, '2026-11-24T12:00:00Z')
  await time.at(db, '2026-11-25T04:59:59Z')
  expect(await runsOf(db)).toEqual([])

  await time.at(db, '2026-11-25T05:00:00Z')
  expect(await runsOf(db)).toEqual([started])
})

test('what is due is started once, however many processes look', async ({ db }) => {
  await openShop(db, [sales])
  await time.at(db, '2026-11-24T12:00:00Z')

  const now = '2026-11-25T05:00:02Z'
  await Promise.all([time.at(db, now), time.at(db, now), time.at(db, now)])
  // Also those that were past the lock.
  await endRuns(db)
  const late = { now: new Date(now), plan: time.plan }
  await Promise.all([startDue(db, schedules, late), startDue(db, schedules, late)])

  expect(await runsOf(db)).toEqual([{ ...started, state: 'done' }])
  expect((await stateOf(db)).lastDueAt).toMatch(/^2026-11-25T05:00:00/)
})

test('processes that are all past the lock start one run', async ({ db }) => {
  await openShop(db, [sales])
  await time.at(db, '2026-11-24T12:00:00Z')

  const due = { now: new Date('2026-11-25T05:00:02Z'), plan: time.plan }
  await Promise.all([1, 2, 3].map(() => startDue(db, schedules, due)))

  expect(await runsOf(db)).toEqual([started])
})

test('three days of outage give one run, of every day that is missing', async ({
  db,
  database,
  url,
}) => {
  await openShop(db, [sales])
  await materialize(database, [sales], { now: new Date('2026-11-24T12:00:00Z') })
  await time.at(db, '2026-11-24T12:00:00Z')

  await time.at(db, '2026-11-27T15:00:00Z')
  await using _worker = await startWorker({ url, assets: [sales], intake: new Outside() })
  const { lastRun, lastDueAt } = await stateOf(db)
  await waitForRun(db, lastRun!)

  const { rows } = await sql<{ partition: string }>`
    select partition from engine.materialization where run = ${lastRun} order by 1`.execute(db)
  expect(rows.map(({ partition }) => partition)).toEqual(['2026-11-24', '2026-11-25', '2026-11-26'])
  expect(lastDueAt).toMatch(/^2026-11-27T05:00:00/)
  await time.at(db, '2026-11-27T15:00:05Z')
  expect(await runsOf(db)).toEqual([{ ...started, state: 'done' }])
})

test('when nothing is missing there is no run, and the time counts as dealt with', async ({
  db,
  database,
}) => {
  await openShop(db, [sales])
  await time.at(db, '2026-11-24T12:00:00Z')
  await materialize(database, [sales], { now: new Date('2026-11-25T04:00:00Z') })

  await time.at(db, '2026-11-25T05:00:00Z')

  expect((await stateOf(db)).lastDueAt).toMatch(/^2026-11-25T05:00:00/)
  expect(await runsOf(db)).toEqual([])
})

test('a paused schedule starts nothing', async ({ db }) => {
  await openShop(db, [sales])
  await time.at(db, '2026-11-24T12:00:00Z')
  await sql`update engine.schedule set paused = true`.execute(db)

  await time.at(db, '2026-11-25T05:00:00Z')

  expect(await runsOf(db)).toEqual([])
})

test('while its run of the day before is under way, a schedule stays due', async ({ db }) => {
  await openShop(db, [sales])
  await time.at(db, '2026-11-24T12:00:00Z')
  await time.at(db, '2026-11-25T05:00:00Z')
  await pauseRun(db, (await stateOf(db)).lastRun!)

  await time.at(db, '2026-11-26T05:00:00Z')
  expect(await runsOf(db)).toEqual([started])
  await endRuns(db)
  await time.at(db, '2026-11-26T09:00:00Z')

  expect(await runsOf(db)).toEqual([{ ...started, state: 'done' }, started])
})

test('a schedule whose time was changed starts anew, without what is past', async ({ db }) => {
  await openShop(db, [sales])
  await time.at(db, '2026-11-24T12:00:00Z')
  const earlier = ticking([{ ...morning, cron: '0 5 * * *' }], [sales])

  await earlier.at(db, '2026-11-27T04:30:00Z')
  expect(await runsOf(db)).toEqual([])
  await earlier.at(db, '2026-11-28T04:30:00Z')

  expect(await runsOf(db)).toEqual([started])
})

test('a schedule that cannot start says why, and the others start', async ({ db }) => {
  await openShop(db, [sales])
  const broken = ticking([{ ...morning, name: 'broken' }, morning], [sales])
  await broken.at(db, '2026-11-24T12:00:00Z')
  await sql`
    create function engine.refuse() returns trigger language plpgsql as
    $$ begin raise exception 'no runs for it'; end $$`.execute(db)
  await sql`
    create trigger refuse before insert on engine.run for each row
    when (new.request->>'schedule' = 'broken') execute function engine.refuse()`.execute(db)

  await broken.at(db, '2026-11-25T05:00:00Z')
  expect(await runsOf(db)).toEqual([started])
  expect((await stateOf(db, 'broken')).error).toBe('no runs for it')

  await sql`drop trigger refuse on engine.run`.execute(db)
  await broken.at(db, '2026-11-25T05:00:05Z')
  expect(await runsOf(db)).toEqual([started, { ...started, by: 'broken' }])
  expect((await stateOf(db, 'broken')).error).toBeNull()
})

test('a schedule of a weekly table alone makes the week whose day changed, and no other', async ({
  db,
  database,
  url,
}) => {
  const byWeek = model({
    name: 'mart.by_week',
    description: 'Sales of a week.',
    contract: z.object({ week_start: day(), sold: count() }),
    grain: ['week_start'],
    reads: [sales],
    partitionedBy: { week_start: weekly({ zone: 'Europe/Berlin', from: '2026-11-09' }) },
    query: (tx) =>
      tx
        .selectFrom('mart.by_day')
        .groupBy(({ ref }) => sql`date_trunc('week', ${ref('day')})`)
        .select((eb) => [
          sql<string>`date_trunc('week', ${eb.ref('day')})::date`.as('week_start'),
          sql<number>`sum(${eb.ref('sold')})::int4`.as('sold'),
        ]),
  })
  const all = [sales, byWeek]
  await openShop(db, all)
  const now = new Date('2026-11-30T12:00:00Z')
  await materialize(database, all, { now })
  await materialize(database, [sales], { now, partitions: ['2026-11-26'] })
  const plan = { assets: all, hasNews: async () => false, now }

  await using _worker = await startWorker({ url, assets: all, intake: new Outside() })
  const run = await startRun(db, plan, { only: new Set(['mart.by_week']) })
  const status = await waitForRun(db, run!.id)

  expect(status.steps.map(({ asset, reason }) => [asset, reason])).toEqual([
    ['mart.by_week', '2026-W48: mart.by_day changed'],
  ])
})
