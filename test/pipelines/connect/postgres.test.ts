import pg from 'pg'
import { expect } from 'vitest'

import { env } from '#kit/connect/connector.ts'
import { postgres } from '#kit/connect/postgres.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { createDatabase } from '#test/kit/database.ts'

import { test as base } from './kit.ts'

/** A shop's own database, with fee events as it keeps them. */
const test = base.extend('shop', async ({}, { onCleanup }) => {
  const database = await createDatabase()
  const { pool, url } = database
  const late = await pool.connect()
  onCleanup(async () => {
    late.release(true)
    await database.close()
  })
  await pool.query(`
    create table fee_log (
      id bigint generated always as identity primary key,
      fee_id text not null,
      amount numeric not null,
      recorded_at timestamptz default now()
    )`)
  return {
    pool,
    /** A transaction of somebody else. */
    late,
    env: { SHOP: url },
    insert: (rows: number, recordedAt: string) =>
      pool.query(
        `insert into fee_log (fee_id, amount, recorded_at)
         select 'F' || n, n * 100, $2::timestamptz from generate_series(1, $1::int) as n`,
        [rows, recordedAt],
      ),
    count: async () => {
      const { rows } = await pool.query<{ n: number }>('select count(*)::int as n from fee_log')
      return rows[0]?.n
    },
  }
})

const query = `
  select 'shop' as source, 'E' || id as source_event_id, id, fee_id, 'charged' as event_type,
    recorded_at as occurred_at, recorded_at, amount as amount_minor, 'delta' as amount_kind,
    'EUR' as currency, null as reason_code, null as supersedes
  from fee_log`

const from = (options: Partial<Parameters<typeof postgres>[0]> = {}) =>
  postgres({
    url: env('SHOP'),
    query,
    cursor: 'recorded_at',
    key: 'id',
    ...options,
  } as Parameters<typeof postgres>[0])

test('every row is there once, also when a thousand bear the same time and a file ends between them', async ({
  shop,
  recoup,
}) => {
  await shop.insert(11_000, '2026-10-01T00:00:00.123456Z')
  const connector = from({ rowsPerFile: 5_000 })
  expect(await recoup.pull(rawFeeEvent, connector, { env: shop.env })).toMatchObject({ files: 3 })
  await shop.insert(1_000, '2026-10-01T00:00:00.123456Z')
  expect(await recoup.pull(rawFeeEvent, connector, { env: shop.env })).toMatchObject({ files: 1 })
  expect(await recoup.pull(rawFeeEvent, connector, { env: shop.env })).toMatchObject({ files: 0 })

  expect(await recoup.load(rawFeeEvent)).toMatchObject({
    rows: 12_000,
    metadata: { rowsRead: 12_000, rowsRejected: 0 },
  })
  const rows = await recoup.rows(rawFeeEvent)
  expect(rows).toHaveLength((await shop.count())!)
  expect(rows[0]).toMatchObject({ recorded_at: '2026-10-01T00:00:00.123456Z', amount_minor: 100 })
})

test('a row that changes comes again, and its newer version stays', async ({ shop, recoup }) => {
  await shop.insert(2, '2026-10-01T00:00:00Z')
  await recoup.pull(rawFeeEvent, from(), { env: shop.env })
  await shop.pool.query(`update fee_log set amount = 7, recorded_at = '2026-10-02Z' where id = 1`)
  await recoup.pull(rawFeeEvent, from(), { env: shop.env })
  await recoup.load(rawFeeEvent)
  expect((await recoup.rows(rawFeeEvent)).map(({ amount_minor }) => amount_minor)).toEqual([7, 200])
})

test('a row whose transaction is open while its origin is read is not passed over', async ({
  shop,
  recoup,
}) => {
  const { late } = shop
  await late.query('begin')
  await late.query(`insert into fee_log (fee_id, amount) values ('late', 1)`)
  await shop.pool.query(`select pg_sleep(0.05)`)
  await shop.pool.query(`insert into fee_log (fee_id, amount) values ('early', 2)`)
  const connector = from({ behind: { seconds: 0 } })
  expect(await recoup.pull(rawFeeEvent, connector, { env: shop.env })).toMatchObject({ files: 0 })
  await late.query('commit')
  expect(await recoup.pull(rawFeeEvent, connector, { env: shop.env })).toMatchObject({ files: 1 })
  await recoup.load(rawFeeEvent)
  const fees = (await recoup.rows(rawFeeEvent)).map(({ fee_id }) => fee_id)
  expect(fees).toEqual(['late', 'early'])
})

test('rows younger than `behind` wait, for those that were dated before them and commit after', async ({
  shop,
  recoup,
}) => {
  await shop.insert(1, '2026-10-01T00:00:00Z')
  await shop.pool.query(`insert into fee_log (fee_id, amount) values ('young', 1)`)
  await recoup.pull(rawFeeEvent, from({ behind: { minutes: 5 } }), { env: shop.env })
  // Dated by the shop's own clock, two minutes ago, and written only now.
  await shop.pool.query(
    `insert into fee_log (fee_id, amount, recorded_at) values ('late', 1, now() - interval '2 minutes')`,
  )
  await recoup.pull(rawFeeEvent, from({ behind: { seconds: 0 } }), { env: shop.env })
  await recoup.load(rawFeeEvent)
  const fees = (await recoup.rows(rawFeeEvent)).map(({ fee_id }) => fee_id)
  expect(new Set(fees)).toEqual(new Set(['F1', 'late', 'young']))
})

test('with a cursor that counts, numbers that were given earlier and came later are read too', async ({
  shop,
  recoup,
}) => {
  const connector = from({ cursor: 'id', behind: { rows: 100 } })
  const { late } = shop
  await late.query('begin')
  await late.query(`insert into fee_log (fee_id, amount) values ('late', 1)`)
  await shop.insert(3, '2026-10-01T00:00:00Z')
  await recoup.pull(rawFeeEvent, connector, { env: shop.env })
  await late.query('commit')
  await recoup.pull(rawFeeEvent, connector, { env: shop.env })
  await recoup.load(rawFeeEvent)
  expect(await recoup.rows(rawFeeEvent)).toHaveLength((await shop.count())!)
})

test('decimals arrive to the last digit, and a table without a cursor is read whole', async ({
  shop,
  recoup,
}) => {
  await shop.pool.query(`create schema bank; create table bank."Rate" (
    rate_date date, currency text, rate numeric, kind text, source text, id int, extra jsonb
  )`)
  const digits = '1234567890.0123456789012345'
  await shop.pool.query(
    `insert into bank."Rate" values ('2026-10-01', 'USD', ${digits}, null, 'bank', 1, '{"a": 1.50}')`,
  )
  const connector = postgres({ url: env('SHOP'), table: 'bank.Rate', key: 'id' })
  await recoup.pull(rawFxRate, connector, { env: shop.env })
  expect(recoup.contents(rawFxRate)).toEqual([
    `{"rate_date":"2026-10-01","currency":"USD","rate":"${digits}","kind":null,"source":"bank",` +
      `"id":"1","extra":"{\\"a\\": 1.50}"}\n`,
  ])
})

test('stopped between two files, it goes on after the first', async ({ shop, recoup }) => {
  await shop.insert(10_000, '2026-10-01T00:00:00Z')
  const controller = new AbortController()
  const connector = from({ rowsPerFile: 5_000 })
  const stopped = recoup.pull(rawFeeEvent, connector, {
    env: shop.env,
    signal: controller.signal,
    onProgress: ({ files }) => files === 1 && controller.abort(new Error('stopped')),
  })
  await expect(stopped).rejects.toThrow('stopped')
  expect(await recoup.cursor(rawFeeEvent)).toMatchObject({ key: '5000' })
  expect(await recoup.pull(rawFeeEvent, connector, { env: shop.env })).toMatchObject({ files: 1 })
  await recoup.load(rawFeeEvent)
  expect(await recoup.rows(rawFeeEvent)).toHaveLength(10_000)
})

test('a row without a cursor would never be read, and is refused instead', async ({
  shop,
  recoup,
}) => {
  await shop.pool.query(`insert into fee_log (fee_id, amount, recorded_at) values ('F', 1, null)`)
  await expect(recoup.pull(rawFeeEvent, from(), { env: shop.env })).rejects.toThrow(
    'fee_event: rows of the origin have no recorded_at and would never be read.',
  )
})

test.for([
  ['a column that is not there', { key: 'number' }, 'the origin has no column number. It has'],
  ['a query that is wrong', { query: 'select * from nothing' }, 'relation "nothing" does not'],
  ['a lag of another kind', { behind: { rows: 5 } }, 'so behind must be a time such as'],
] as const)('%s is said', async ([, options, words], { shop, recoup }) => {
  await expect(recoup.pull(rawFeeEvent, from(options), { env: shop.env })).rejects.toThrow(words)
})

test('a server that is away is said without its password', async ({ recoup }) => {
  const away = 'postgres://shop:s3cret@127.0.0.1:1/shop'
  const failure = recoup.pull(rawFeeEvent, from(), { env: { SHOP: away } })
  await expect(failure).rejects.toThrow(/^fee_event: its Postgres cannot be read: .*ECONNREFUSED/)
  await expect(failure).rejects.not.toThrow(/s3cret/)
  expect(new pg.Client(away).password).toBe('s3cret')
})
