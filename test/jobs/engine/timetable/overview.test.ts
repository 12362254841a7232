import { expect } from 'vitest'

import { materialize } from '#jobs/engine/in-process.ts'
import { sensor } from '#jobs/engine/timetable/definition.ts'
import { overviewOf, setPaused } from '#jobs/engine/timetable/overview.ts'
import { startNow } from '#jobs/engine/timetable/start-now.ts'
import { test } from '#test/kit/database.ts'

import { byDay, endRuns, morning, openShop, runsOf, ticking } from './kit.ts'

const sales = byDay()
const desk = sensor<null>({
  name: 'desk',
  description: 'Never sees anything.',
  everySeconds: 60,
  select: 'by_day',
  look: async () => ({ cursor: null, due: false, reason: '' }),
})
const time = ticking([morning, desk], [sales])
const [ofMorning, ofDesk] = [time.timetable.schedules[0]!, time.timetable.sensors[0]!]

test('the overview says when each is due next, and how its last run ended', async ({ db }) => {
  await openShop(db, [sales])
  await time.at(db, '2026-11-24T12:00:00Z')
  await time.at(db, '2026-11-25T05:00:00Z')
  await endRuns(db)

  expect(await overviewOf(db, time.timetable, new Date('2026-11-25T05:00:20Z'))).toMatchObject([
    {
      kind: 'schedule',
      name: 'morning',
      when: '0 6 * * * Europe/Berlin',
      units: ['mart.by_day'],
      next: '2026-11-26T05:00:00.000Z',
      lastRun: { state: 'done' },
    },
    {
      kind: 'sensor',
      name: 'desk',
      when: 'every 60 s',
      next: '2026-11-25T05:01:00.000Z',
      lastRun: null,
    },
  ])
})

test('before anything kept the time, the overview says so', async ({ db }) => {
  const entries = await overviewOf(db, time.timetable, new Date('2026-11-25T05:00:20Z'))
  expect(entries.map(({ last, lastRun }) => [last, lastRun])).toEqual([
    [null, null],
    [null, null],
  ])
})

test('a schedule that goes on after a pause does not make up for it', async ({ db }) => {
  await openShop(db, [sales])
  await time.at(db, '2026-11-24T12:00:00Z')
  await setPaused(db, ofMorning, true)
  expect((await overviewOf(db, time.timetable, new Date()))[0]).toMatchObject({
    paused: true,
    next: null,
  })

  const resumed = new Date('2026-11-27T12:00:00Z')
  await setPaused(db, ofMorning, false, resumed)
  await time.at(db, '2026-11-27T12:00:05Z')
  expect(await runsOf(db)).toEqual([])
  await time.at(db, '2026-11-28T05:00:00Z')
  expect(await runsOf(db)).toHaveLength(1)
})

test('a schedule may be paused before it was ever seen', async ({ db }) => {
  await openShop(db, [sales])
  await setPaused(db, ofMorning, true)
  await setPaused(db, ofDesk, true)
  await time.at(db, '2026-11-24T12:00:00Z')
  await time.at(db, '2026-11-25T05:00:00Z')
  expect(await runsOf(db)).toEqual([])
  const entries = await overviewOf(db, time.timetable, new Date())
  expect(entries.map(({ paused }) => paused)).toEqual([true, true])
})

test('asked for by hand, a schedule makes what is missing, and nothing when nothing is', async ({
  db,
  database,
}) => {
  await openShop(db, [sales])
  const now = new Date('2026-11-24T12:00:00Z')
  const run = await startNow(db, ofMorning, { ...time.plan, now })
  expect(await runsOf(db)).toEqual([{ kind: 'schedule', by: 'morning', state: 'running' }])
  expect(run).toBeTypeOf('number')

  await endRuns(db)
  await materialize(database, [sales], { now })
  expect(await startNow(db, ofMorning, { ...time.plan, now })).toBeNull()
})
