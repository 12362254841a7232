/** Feeds that are observed by partition: a file makes anew only the days that it has to do with. */
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { replayQuarantine } from '#kit/load/replay.ts'
import { rawPaymentEvent } from '#pipelines/payments/payment-event.ts'
import { differences, header, line, test } from './kit.ts'

test('a file makes anew the days it has rows of, and the ones around, and no others', async ({
  payments,
  db,
}) => {
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '2', at: '2026-01-20T12:00:00Z' },
    { id: '3', at: '2026-01-30T12:00:00Z' },
  )
  expect(await payments.settle()).toHaveLength(9)
  await payments.load({ id: '4', at: '2026-01-20T23:30:00Z', marketplace: 'JP' })

  expect(await payments.settle()).toEqual(['2026-01-19', '2026-01-20', '2026-01-21'])

  expect(await differences(db)).toEqual([])
  const { rows } = await sql`
    select source_event_id as id, business_date as day from mart.fact_payment_event order by 1`.execute(
    db,
  )
  expect(rows).toEqual([
    { id: '1', day: '2026-01-10' },
    { id: '2', day: '2026-01-20' },
    { id: '3', day: '2026-01-30' },
    { id: '4', day: '2026-01-21' },
  ])
  expect(await payments.settle()).toEqual([])
})

test('a correction that moves a row to another day empties the day it was on', async ({
  payments,
  db,
}) => {
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '2', at: '2026-01-20T12:00:00Z' },
  )
  await payments.settle()
  await payments.load({ id: '1', at: '2026-01-15T12:00:00Z', recorded: '2026-02-01T00:00:00Z' })

  expect(await payments.settle()).toEqual([
    '2026-01-09',
    '2026-01-10',
    '2026-01-11',
    '2026-01-14',
    '2026-01-15',
    '2026-01-16',
  ])

  expect(await differences(db)).toEqual([])
})

test('rows that are known already make nothing anew', async ({ payments, db }) => {
  await payments.load({ id: '1', at: '2026-01-10T12:00:00Z' })
  await payments.settle()
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '9', at: '2026-03-01T12:00:00Z' },
  )

  expect(await payments.settle()).toEqual(['2026-02-28', '2026-03-01', '2026-03-02'])
  expect(await differences(db)).toEqual([])
})

test('a row that leaves the quarantine makes its day anew', async ({
  payments,
  db,
  database,
  loader,
}) => {
  await payments.load({ id: '1', at: '2026-01-10T12:00:00Z' })
  const broken = line({ id: '2', at: '2026-01-20T12:00:00Z', marketplace: 'DE' })
  await loader.loadLines(rawPaymentEvent, header, broken.replace('card', 'cheque'))
  await payments.settle()
  await sql`update raw.quarantine set raw_text = ${broken}`.execute(db)

  expect(await replayQuarantine(database.pool, rawPaymentEvent)).toMatchObject({ accepted: 1 })

  expect(await payments.settle()).toEqual(['2026-01-19', '2026-01-20', '2026-01-21'])
  expect(await differences(db)).toEqual([])
})

test('of a warehouse from before, all days are made, once', async ({ payments, db }) => {
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '2', at: '2026-01-20T12:00:00Z' },
  )
  await payments.settle()
  // As it was when the fact was one piece and nobody asked for days.
  await sql`delete from engine.partition_state where partition <> ''`.execute(db)

  expect(await payments.settle()).toHaveLength(6)
  expect(await differences(db)).toEqual([])
  expect(await payments.settle()).toEqual([])
})

test('an event of the year 9999 is one day more, not three million', async ({ payments, db }) => {
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '2', at: '9999-06-01T12:00:00Z' },
  )

  expect(await payments.settle()).toEqual([
    '2026-01-09',
    '2026-01-10',
    '2026-01-11',
    '9999-05-31',
    '9999-06-01',
    '9999-06-02',
  ])
  expect(await differences(db)).toEqual([])
})

const someEvent = fc.record({
  id: fc.constantFrom('1', '2', '3', '4', '5', '6'),
  at: fc
    .integer({ min: 0, max: 20 * 24 })
    .map((hours) => new Date(Date.UTC(2026, 0, 1, hours)).toISOString()),
  recorded: fc
    .integer({ min: 0, max: 30 })
    .map((days) => new Date(Date.UTC(2026, 1, 1 + days)).toISOString()),
  marketplace: fc.constantFrom('DE', 'JP', 'US'),
  amount: fc.integer({ min: 1, max: 3 }),
})

test('whatever files come in whatever order, the fact is what it would be from the beginning', async ({
  payments,
  db,
}) => {
  const files = fc.array(fc.array(someEvent, { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 4,
  })
  await fc.assert(
    fc.asyncProperty(files, async (contents) => {
      for (const events of contents) {
        await payments.load(...events)
        await payments.settle()
        expect(await differences(db)).toEqual([])
      }
    }),
    { numRuns: 15 },
  )
})
