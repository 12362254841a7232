import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'

import type { AnyDatabase } from '#kit/asset.ts'
import { sensor } from '#jobs/engine/timetable/definition.ts'
import { filesArriving } from '#jobs/engine/timetable/files-arriving.ts'
import { lookAtDue } from '#jobs/engine/timetable/sensors.ts'
import { tableCursor } from '#jobs/engine/timetable/table-cursor.ts'
import { waitForRun } from '#jobs/engine/watch.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { test } from '#test/kit/database.ts'

import { createTables, numbers, numbersIn, Outside, settle, shifted } from '../kit.ts'
import { endRuns, runsOf, ticking } from './kit.ts'

const fees = numbers('raw.fees')
const facts = shifted('mart.facts', [fees])
const assets = [fees, facts]

/** Says it is due whenever a number outside has grown, and keeps that as its cursor. */
function counting(outside: { count: number; error?: string }) {
  return sensor<number>({
    name: 'counter',
    description: 'A number that grows.',
    everySeconds: 10,
    select: 'fees+',
    async look({ cursor }) {
      if (outside.error) throw new Error(outside.error)
      const due = outside.count > (cursor ?? 0)
      return { cursor: outside.count, due, reason: 'the number grew' }
    },
  })
}

async function stateOf(db: Kysely<AnyDatabase>, name = 'counter') {
  const { rows } = await sql<{ cursor: unknown; error: string | null; failures: number }>`
    select cursor, error, failures from engine.sensor where name = ${name}`.execute(db)
  return rows[0]!
}

const started = { kind: 'sensor', by: 'counter', state: 'running' }
const minute = (m: number, s = 0) => new Date(Date.UTC(2026, 10, 28, 8, m, s)).toISOString()

/** Ticks without upkeep, which would make what was never made. */
async function shop(db: Kysely<AnyDatabase>, url: string) {
  await createTables(db, assets)
  await settle({ db, url }, assets, new Outside())
  await sql`truncate engine.run cascade`.execute(db)
}

test('a sensor looks at its times, and starts a run when something happened', async ({
  db,
  url,
}) => {
  await shop(db, url)
  const outside = { count: 0 }
  const time = ticking([counting(outside)], assets)

  await time.at(db, minute(0))
  outside.count = 3
  await time.at(db, minute(0, 9))
  expect(await stateOf(db)).toMatchObject({ cursor: 0 })
  await time.at(db, minute(0, 10))

  expect(await stateOf(db)).toEqual({ cursor: 3, error: null, failures: 0 })
  expect(await runsOf(db)).toEqual([started])
  const { rows } = await sql`
    select asset, reason, state from engine.step order by id`.execute(db)
  expect(rows).toEqual([
    { asset: 'raw.fees', reason: 'the number grew', state: 'ready' },
    { asset: 'mart.facts', reason: null, state: 'blocked' },
  ])
  await endRuns(db)
  await time.at(db, minute(0, 20))
  expect(await runsOf(db)).toHaveLength(1)
})

test('what is found while its run is under way is not forgotten', async ({ db, url }) => {
  await shop(db, url)
  const outside = { count: 1 }
  const time = ticking([counting(outside)], assets)
  await time.at(db, minute(0))
  outside.count = 2

  await time.at(db, minute(1))
  expect((await stateOf(db)).cursor).toBe(1)
  await endRuns(db)
  await time.at(db, minute(2))

  expect((await stateOf(db)).cursor).toBe(2)
  expect(await runsOf(db)).toEqual([{ ...started, state: 'done' }, started])
})

test('cursor and run are written together, or not at all', async ({ db, url }) => {
  await shop(db, url)
  await sql`
    create function engine.refuse() returns trigger language plpgsql as
    $$ begin raise exception 'no runs today'; end $$`.execute(db)
  await sql`
    create trigger refuse before insert on engine.run for each row execute function engine.refuse()`.execute(
    db,
  )
  const time = ticking([counting({ count: 1 })], assets)

  await time.at(db, minute(0))
  expect(await stateOf(db)).toEqual({ cursor: null, error: 'no runs today', failures: 1 })
  await sql`drop trigger refuse on engine.run`.execute(db)
  await time.at(db, minute(1))

  expect(await stateOf(db)).toEqual({ cursor: 1, error: null, failures: 0 })
  expect(await runsOf(db)).toEqual([started])
})

test('a sensor that throws keeps its cursor and its error, and the others go on', async ({
  db,
  url,
}) => {
  await shop(db, url)
  const outside: { count: number; error?: string } = { count: 1 }
  const time = ticking(
    [{ ...counting({ count: 0, error: 'never' }), name: 'broken' }, counting(outside)],
    assets,
  )
  await time.at(db, minute(0))
  outside.error = 'the desk is closed'
  await time.at(db, minute(1))
  await time.at(db, minute(2))

  expect(await stateOf(db)).toEqual({ cursor: 1, error: 'the desk is closed', failures: 2 })
  expect(await stateOf(db, 'broken')).toEqual({ cursor: null, error: 'never', failures: 3 })
  delete outside.error
  await time.at(db, minute(3))
  expect(await stateOf(db)).toEqual({ cursor: 1, error: null, failures: 0 })
})

test('a look that does not end fails after its time, and nothing waits for it', async ({
  db,
  url,
}) => {
  await shop(db, url)
  const hanging = sensor<null>({
    name: 'counter',
    description: 'Never answers.',
    everySeconds: 10,
    select: 'fees',
    look: () => sleep(600_000, undefined, { ref: false }) as never,
  })
  const { timetable, plan } = ticking([hanging], assets)
  const { signal } = new AbortController()

  const looks = await lookAtDue(db, timetable.sensors, {
    now: new Date(minute(0)),
    plan,
    signal,
    timeoutMs: 100,
  })
  expect(looks).toHaveLength(1)
  await Promise.all(looks)

  expect((await stateOf(db)).error).toBe('The look took longer than 0.1 s.')
})

test('of two processes that look at the same time one does', async ({ db, url }) => {
  await shop(db, url)
  const { timetable, plan } = ticking([counting({ count: 1 })], assets)
  const { signal } = new AbortController()
  const options = { now: new Date(minute(0)), plan, signal }

  const looks = await Promise.all([1, 2, 3].map(() => lookAtDue(db, timetable.sensors, options)))
  await Promise.all(looks.flat())

  expect(looks.flat()).toHaveLength(1)
  expect(await runsOf(db)).toEqual([started])
})

test.for([
  ['int', ['1', '2'], ['3']],
  ['timestamptz', ['2026-11-28 08:00:00.000001Z'], ['2026-11-28 09:00:00.000002+01']],
  ['text', ['A-1', 'A-2'], ['A-3']],
] as const)(
  'new rows of a table are seen by a column of type %s',
  async ([type, before, after], { db, url }) => {
    await shop(db, url)
    await sql`create schema crm`.execute(db)
    await sql`create table crm.ticket (id ${sql.raw(type)})`.execute(db)
    const put = (values: readonly string[]) =>
      sql`insert into crm.ticket select unnest(${values}::text[])::${sql.raw(type)}`.execute(db)
    const time = ticking(
      [
        tableCursor({
          name: 'counter',
          table: 'crm.ticket',
          column: 'id',
          everySeconds: 10,
          select: 'facts',
        }),
      ],
      assets,
    )

    await time.at(db, minute(0))
    expect(await runsOf(db)).toEqual([])
    await put(before)
    await time.at(db, minute(1))
    expect(await runsOf(db)).toEqual([started])
    await endRuns(db)
    await time.at(db, minute(2))
    expect(await runsOf(db)).toHaveLength(1)
    await put(after)
    await time.at(db, minute(3))

    expect(await runsOf(db)).toHaveLength(2)
    const { rows } =
      await sql`select asset, reason from engine.step order by id desc limit 1`.execute(db)
    expect(rows).toEqual([{ asset: 'mart.facts', reason: '1 new in crm.ticket' }])
  },
)

test('a query has a cursor too', async ({ db, url }) => {
  await shop(db, url)
  await sql`create table raw.ticket (id int, is_open boolean)`.execute(db)
  const time = ticking(
    [
      tableCursor({
        name: 'counter',
        query: 'select id from raw.ticket where is_open',
        column: 'id',
        everySeconds: 10,
        select: 'facts',
      }),
    ],
    assets,
  )
  await sql`insert into raw.ticket values (1, false)`.execute(db)
  await time.at(db, minute(0))
  expect(await runsOf(db)).toEqual([])
  await sql`insert into raw.ticket values (2, true)`.execute(db)
  await time.at(db, minute(1))
  expect(await runsOf(db)).toEqual([started])
  expect((await stateOf(db)).cursor).toBe('2')
})

test('a file that comes is loaded, and what derives from it is made', async ({ db, url }) => {
  await shop(db, url)
  const folder = mkdtempSync(join(tmpdir(), 'arriving-'))
  try {
    const time = ticking(
      [filesArriving({ name: 'counter', folder, everySeconds: 10, select: 'fees+' })],
      assets,
    )
    await time.at(db, minute(0))
    await endRuns(db)
    const outside = new Outside()
    outside.put('raw.fees', 1, 2)
    writeFileSync(join(folder, 'fees.csv'), 'n\n1\n2\n')

    await time.at(db, minute(1))
    await using _worker = await startWorker({ url, assets, intake: outside })
    const { rows } = await sql<{ id: number }>`select max(id) as id from engine.run`.execute(db)
    await waitForRun(db, rows[0]!.id)

    expect(await numbersIn(db, 'mart.facts')).toEqual([2, 3])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
