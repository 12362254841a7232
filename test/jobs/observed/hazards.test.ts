/** What could make a day be missed, or far too many be made. */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { inTransaction } from '#jobs/engine/transaction.ts'
import { inboxOf } from '#jobs/inbox.ts'
import { mergeSql } from '#kit/load/merge-sql.ts'
import { replayQuarantine } from '#kit/load/replay.ts'
import { rawPaymentEvent } from '#pipelines/payments/payment-event.ts'
import { differences, header, line, test } from './kit.ts'

test('an event at the end of time, which feeds write for never, stops nothing', async ({
  payments,
  db,
}) => {
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '2', at: '9999-12-31T23:59:59Z', marketplace: 'JP' },
    { id: '3', at: '0001-01-01T00:00:00Z', marketplace: 'US' },
  )

  await payments.settle()

  expect(await differences(db)).toEqual([])
  const { rows } = await sql`select from mart.fact_payment_event`.execute(db)
  expect(rows).toHaveLength(3)
  await payments.load({ id: '4', at: '2026-01-12T12:00:00Z' })
  expect(await payments.settle()).toEqual(['2026-01-11', '2026-01-12', '2026-01-13'])
})

test('a row that leaves the quarantine of a large file leaves the other days of it alone', async ({
  payments,
  db,
  database,
  loader,
}) => {
  const broken = line({ id: '2', at: '2026-01-20T12:00:00Z' })
  const good = line({ id: '1', at: '2026-01-10T12:00:00Z' })
  await loader.loadLines(rawPaymentEvent, header, good, broken.replace('card', 'cheque'))
  await payments.settle()
  await sql`update raw.quarantine set raw_text = ${broken}`.execute(db)

  await replayQuarantine(database.pool, rawPaymentEvent)

  expect(await payments.settle()).toEqual(['2026-01-19', '2026-01-20', '2026-01-21'])
})

test('a day that is published while a load replaces rows of it is made anew by the next', async ({
  payments,
  db,
  database,
}) => {
  const corrected = { at: '2026-01-20T12:00:00Z', recorded: '2026-02-01T00:00:00Z' }
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '2', at: '2026-01-10T13:00:00Z' },
  )
  await payments.settle()
  await payments.load({ id: '1', ...corrected })

  // A load is about to replace a second row of that day, and has not committed yet.
  const { createStage, noteTouched } = mergeSql(rawPaymentEvent, [])
  const loading = await database.pool.connect()
  try {
    await loading.query('begin')
    await loading.query(createStage)
    await loading.query(`insert into stage_raw_payment_event
      select * from raw.payment_event where source_event_id = '2'`)
    await loading.query(`update stage_raw_payment_event set recorded_at = '${corrected.recorded}'`)
    await loading.query(noteTouched!)
    expect(await payments.settle()).toContain('2026-01-10')
    await loading.query('commit')
  } finally {
    loading.release()
  }

  const { rows } = await sql`select partition from raw.touched`.execute(db)
  expect(rows).toEqual([{ partition: '2026-01-10' }])
})

test('a step that ends between load and publication leaves its days to the next', async ({
  payments,
  db,
  database,
  loader,
}) => {
  await payments.load({ id: '1', at: '2026-01-10T12:00:00Z' })
  await payments.settle()
  const moved = { id: '1', at: '2026-01-20T12:00:00Z', recorded: '2026-02-01T00:00:00Z' }
  await payments.load(moved)
  const { intake } = inboxOf({ inbox: join(loader.folder, 'inbox') })
  const { pool } = database
  const killed = inTransaction(pool, new AbortController().signal, async ({ tx, client }) => {
    const fetched = await intake.fetch(rawPaymentEvent, { db, pool })
    const { touched } = await intake.publish(tx, rawPaymentEvent, fetched, { client })
    expect(touched).toEqual(['2026-01-10', '2026-01-20'])
    throw new Error('the worker is gone')
  })
  await expect(killed).rejects.toThrow('the worker is gone')

  expect(await payments.settle()).toEqual([
    '2026-01-09',
    '2026-01-10',
    '2026-01-11',
    '2026-01-19',
    '2026-01-20',
    '2026-01-21',
  ])
  expect(await differences(db)).toEqual([])
})

test('a row that comes late makes the day it belongs to anew', async ({ payments, db }) => {
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '2', at: '2026-03-10T12:00:00Z' },
  )
  await payments.settle()
  await payments.load(
    { id: '3', at: '2026-03-11T12:00:00Z' },
    { id: '4', at: '2026-01-10T08:00:00Z', recorded: '2026-03-11T00:00:00Z' },
  )

  expect(await payments.settle()).toEqual([
    '2026-01-09',
    '2026-01-10',
    '2026-01-11',
    '2026-03-10',
    '2026-03-11',
    '2026-03-12',
  ])
  expect(await differences(db)).toEqual([])
})

test('many files, shuffled, leave the fact that one file leaves', async ({ payments, db }) => {
  const events = Array.from({ length: 60 }, (_, n) => ({
    id: String(n % 40),
    at: new Date(Date.UTC(2026, 0, 1 + ((n * 7) % 20), n % 24)).toISOString(),
    recorded: new Date(Date.UTC(2026, 1, 1, 0, n)).toISOString(),
    marketplace: ['DE', 'JP', 'US'][n % 3]!,
  }))
  const facts = () => sql`select * from mart.fact_payment_event order by 1, 2`.execute(db)
  await payments.load(...events)
  await payments.settle()
  const { rows: once } = await facts()

  await sql`truncate raw.payment_event, mart.fact_payment_event`.execute(db)
  await sql`delete from raw.load where feed = 'payment_event'`.execute(db)
  await sql`delete from engine.partition_state`.execute(db)
  const shuffled = events.toSorted((a, b) => crc32(a.id + a.at) - crc32(b.id + b.at))
  for (let file = 0; file < 6; file++) {
    await payments.load(...shuffled.slice(10 * file, 10 * file + 10))
    await payments.settle()
  }

  expect(once).toHaveLength(40)
  expect((await facts()).rows).toEqual(once)
  expect(await differences(db)).toEqual([])
})
