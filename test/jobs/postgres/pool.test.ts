import { setTimeout as sleep } from 'node:timers/promises'

import { sql } from 'kysely'
import pg from 'pg'
import { expect } from 'vitest'

import { test } from '#test/kit/database.ts'

test('values read exactly: money and days as text, instants in UTC with microseconds', async ({
  db,
}) => {
  const { rows } = await sql`
    select count(*) as counted,
           1234567890.10::numeric as money,
           date '2026-03-29' as day,
           timestamptz '2026-01-01 00:30:00.123456+01' as at,
           timestamptz '2026-01-01 00:00:00+00' as midnight,
           timestamp '2026-01-01 10:00:00.5' as wall_clock,
           timestamptz 'infinity' as never_ends,
           null::timestamptz as unknown
  `.execute(db)
  expect(rows).toEqual([
    {
      counted: 1,
      money: '1234567890.10',
      day: '2026-03-29',
      at: '2025-12-31T23:30:00.123456Z',
      midnight: '2026-01-01T00:00:00Z',
      wall_clock: '2026-01-01T10:00:00.5',
      never_ends: 'infinity',
      unknown: null,
    },
  ])
})

test('arrays hold the same values as columns', async ({ db }) => {
  const { rows } = await sql`
    select array[1::int8, null] as counts, array[1.50::numeric] as money,
           array[date '2026-03-29'] as days, array[timestamptz '2026-01-01 00:30:00+01'] as instants
  `.execute(db)
  expect(rows).toEqual([
    {
      counts: [1, null],
      money: ['1.50'],
      days: ['2026-03-29'],
      instants: ['2025-12-31T23:30:00Z'],
    },
  ])
})

test('a count too large for a number is refused, not rounded', async ({ db }) => {
  await expect(sql`select 9007199254740993::int8 as n`.execute(db)).rejects.toThrow(
    'The database returned 9007199254740993, which a JavaScript number cannot hold exactly.',
  )
})

test('an instant read in a session that left UTC is refused, not shifted', async ({ database }) => {
  const session = await database.pool.connect()
  try {
    await session.query(`set timezone = 'Asia/Kolkata'`)
    await expect(session.query('select now()')).rejects.toThrow('the session left UTC')
  } finally {
    session.release(true)
  }
})

test('other users of pg in the process keep their own reading', async ({ url }) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('select count(*) as n')
  await client.end()
  expect(rows).toEqual([{ n: '1' }])
})

test('a transaction whose session ends between two queries fails at the next, and the process goes on', async ({
  db,
}) => {
  const lost = db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
    await sql`select pg_terminate_backend(${rows[0]!.pid})`.execute(db)
    await sleep(100)
    await sql`select 1`.execute(tx)
  })

  await expect(lost).rejects.toThrow('not queryable')
  expect((await sql`select 1`.execute(db)).rows).toHaveLength(1)
})
