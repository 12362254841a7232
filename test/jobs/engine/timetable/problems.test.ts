import { type Kysely, sql } from 'kysely'
import { beforeEach, expect, vi } from 'vitest'

import type { AnyDatabase, Asset, Check } from '#kit/asset.ts'
import { materialize } from '#jobs/engine/in-process.ts'
import { type Sensor, sensor } from '#jobs/engine/timetable/definition.ts'
import { problemsOf } from '#jobs/engine/timetable/problems.ts'
import { tellOf } from '#jobs/engine/timetable/tell.ts'
import { timetableOf } from '#jobs/engine/timetable/timetable.ts'
import { test } from '#test/kit/database.ts'

import { below, createTables, numbers, Outside, settle, shifted } from '../kit.ts'
import { byDay, openShop } from './kit.ts'

const fees = numbers('raw.fees')

function judged(severity: 'error' | 'warning'): Asset {
  return {
    ...shifted('mart.facts', [fees], {
      checks: [below(100, 'mart.facts', severity)],
      retry: { limit: 1, backoffMs: 0 },
    }),
    owner: 'fees@example.org',
  }
}

/** Looks what is wrong and tells of it. */
async function look(
  db: Kysely<AnyDatabase>,
  assets: readonly Asset[],
  { now = new Date(), sensors = [] }: { now?: Date; sensors?: readonly Sensor[] } = {},
) {
  const timetable = timetableOf(sensors, assets)
  return await tellOf(db, await problemsOf(db, { assets, timetable, now }))
}

async function alerts(db: Kysely<AnyDatabase>) {
  const { rows } = await sql<{ key: string; times: number; about: object; title: string }>`
    select key, severity, title, body, about, times, resolved_at is null as open
    from engine.alert order by id`.execute(db)
  return rows
}

beforeEach(() => {
  vi.stubEnv('RECOUP_ALERT_SLACK', 'https://example.org/hook')
  return () => vi.unstubAllEnvs()
})

test('an asset that failed is told of once, with its owner, and again when it is over', async ({
  db,
  database,
}) => {
  const assets = [fees, judged('error')]
  await createTables(db, assets)
  const outside = new Outside()
  outside.put('raw.fees', 500)
  const run = await settle(database, assets, outside)

  expect(await look(db, assets)).toEqual({ raised: ['failed: mart.facts'], resolved: [] })
  expect(await look(db, assets)).toEqual({ raised: [], resolved: [] })
  expect(await alerts(db)).toMatchObject([
    {
      severity: 'error',
      title: 'mart.facts failed',
      body: expect.stringContaining('every number is below 100'),
      about: { run: run!.id, asset: 'mart.facts', owner: 'fees@example.org' },
      times: 1,
      open: true,
    },
  ])

  await db.deleteFrom('raw.fees').execute()
  outside.put('raw.fees', 7)
  await settle(database, assets, outside)
  expect(await look(db, assets)).toEqual({ raised: [], resolved: ['failed: mart.facts'] })
  const { rows } =
    await sql`select content->>'kind' as kind from engine.outbox order by id`.execute(db)
  expect(rows).toEqual([{ kind: 'raised' }, { kind: 'recovered' }])
})

test('what fails in another run is counted, not told again', async ({ db, database }) => {
  const assets = [fees, judged('error')]
  await createTables(db, assets)
  const outside = new Outside()
  outside.put('raw.fees', 500)
  await settle(database, assets, outside)
  await look(db, assets)
  await settle(database, assets, outside)

  await look(db, assets)
  await look(db, assets)

  expect(await alerts(db)).toMatchObject([{ open: true, times: 2 }])
  const { rows } = await sql`select from engine.outbox`.execute(db)
  expect(rows).toHaveLength(1)
})

test('a rule of severity warning is told of while the rows that break it are there', async ({
  db,
  database,
}) => {
  const assets = [fees, judged('warning')]
  await createTables(db, assets)
  const outside = new Outside()
  outside.put('raw.fees', 500)
  await settle(database, assets, outside)

  const key = 'check: mart.facts: every number is below 100'
  expect((await look(db, assets)).raised).toEqual([key])
  expect(await alerts(db)).toMatchObject([
    { severity: 'warning', body: '1 row breaks this rule. larger ones do not fit' },
  ])
  await db.deleteFrom('raw.fees').execute()
  outside.put('raw.fees', 7)
  await settle(database, assets, outside)

  expect((await look(db, assets)).resolved).toEqual([key])
})

/** Sales with a rule that judges each day by itself, or all days whichever is made. */
function believable({ byItself }: { byItself: boolean }): Asset {
  const rule: Check<AnyDatabase> = {
    name: 'no day is too good',
    severity: 'warning',
    because: 'It would not be believed.',
    broken(tx) {
      const days = tx.selectFrom('mart.by_day').where('sold', '>', 9)
      return byItself ? days.select('day') : days.select('sold')
    },
  }
  return { ...byDay(), checks: [rule] }
}

test.for([true, false])(
  'a rule that is broken in one partition is told of until that one is made again (by itself: %s)',
  async (byItself, { db, database }) => {
    const sales = believable({ byItself })
    await openShop(db, [sales])
    await sql`insert into raw.till values ('2026-11-24', 10), ('2026-11-25', 1)`.execute(db)
    const now = new Date('2026-11-26T12:00:00Z')
    await materialize(database, [sales], { now })
    expect((await look(db, [sales])).raised).toHaveLength(1)

    await materialize(database, [sales], { now, partitions: ['2026-11-25'] })
    expect((await look(db, [sales])).resolved).toEqual([])
    await sql`update raw.till set sold = 1`.execute(db)
    await materialize(database, [sales], { now, partitions: ['2026-11-24'] })

    expect((await look(db, [sales])).resolved).toEqual(['check: mart.by_day: no day is too good'])
  },
)

test('an asset that is late is told of until its partition is there', async ({ db, database }) => {
  const sales = byDay({ freshHours: 6, owner: 'shop@example.org' })
  await openShop(db, [sales])
  await materialize(database, [sales], { now: new Date('2026-11-24T12:00:00Z') })
  const inTime = { now: new Date('2026-11-25T04:00:00Z') }
  const late = { now: new Date('2026-11-25T06:00:00Z') }

  expect((await look(db, [sales], inTime)).raised).toEqual([])
  expect((await look(db, [sales], late)).raised).toEqual(['late: mart.by_day'])
  expect(await alerts(db)).toMatchObject([
    {
      severity: 'warning',
      title: 'mart.by_day is late',
      body: expect.stringMatching(
        /^2026-11-24 is not there. It was last made .* UTC, and late since 2026-11-25 05:00 UTC: 6 hours/,
      ),
      about: { asset: 'mart.by_day', partition: '2026-11-24', owner: 'shop@example.org' },
    },
  ])
  await materialize(database, [sales], late)
  expect((await look(db, [sales], late)).resolved).toEqual(['late: mart.by_day'])
})

test('a sensor that fails three times in a row is told of, and when it looks again', async ({
  db,
}) => {
  const desk = sensor<null>({
    name: 'desk',
    description: 'Tickets.',
    everySeconds: 10,
    select: 'fees',
    look: async () => ({ cursor: null, due: false, reason: '' }),
  })
  await sql`insert into engine.sensor (name, error, failures) values ('desk', 'closed', 2)`.execute(
    db,
  )
  expect((await look(db, [fees], { sensors: [desk] })).raised).toEqual([])
  await sql`update engine.sensor set failures = 3`.execute(db)
  expect((await look(db, [fees], { sensors: [desk] })).raised).toEqual(['sensor: desk'])
  expect(await alerts(db)).toMatchObject([{ title: 'The sensor desk fails', body: 'closed' }])
  await sql`update engine.sensor set failures = 0, error = null`.execute(db)
  expect((await look(db, [fees], { sensors: [desk] })).resolved).toEqual(['sensor: desk'])
})

test('alerts of other origin are left alone', async ({ db }) => {
  await sql`
    insert into engine.alert (key, severity, title, body, about)
    values ('disk: full', 'error', 'Full', '', '{}')`.execute(db)
  expect(await look(db, [fees])).toEqual({ raised: [], resolved: [] })
})
