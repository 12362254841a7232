import { expect } from 'vitest'

import { factFeeEvent } from '#models/fees/fact-fee-event.ts'
import { test } from '#test/kit/database.ts'
import { brokenChecks, rowsOf } from '#test/kit/rows.ts'

import { event, fee, keepLedger, rate } from './ledger.ts'

test('one minute before midnight in Warsaw belongs to the day that ends there', async ({ db }) => {
  await keepLedger(db, {
    fees: [fee({ fee_id: 'F', marketplace: 'PL' })],
    events: [
      event('charged', '2026-07-01T21:59:00Z', 100),
      event('charged', '2026-07-01T22:00:00Z', 100),
      event('charged', '2026-12-31T22:59:00Z', 100),
      event('charged', '2026-12-31T23:00:00Z', 100),
    ],
  })
  const days = (await rowsOf(db, factFeeEvent)).map((row) => row.business_date)
  expect(days).toEqual(['2026-07-01', '2026-07-02', '2026-12-31', '2027-01-01'])
})

test('one minute before midnight in New York is the next day in UTC, but not there', async ({
  db,
}) => {
  await keepLedger(db, {
    fees: [fee({ fee_id: 'F', marketplace: 'US' })],
    events: [
      event('charged', '2026-07-02T03:59:00Z', 100),
      event('charged', '2026-07-02T04:00:00Z', 100),
    ],
  })
  const days = (await rowsOf(db, factFeeEvent)).map((row) => row.business_date)
  expect(days).toEqual(['2026-07-01', '2026-07-02'])
})

test('every kind of event moves what the table of effects says', async ({ db }) => {
  const day = '2026-01-05'
  await keepLedger(db, {
    events: [
      event('charged', day, 1),
      event('adjusted', day, -2),
      event('waived', day, 3),
      event('collected', day, 4),
      event('collection_reversed', day, 5),
      event('collection_failed', day, 6),
      event('refunded', day, 7),
      event('disputed', day, 0),
      event('written_off', day, 8),
      event('recovered', day, 9),
    ],
  })
  const rows = await rowsOf(db, factFeeEvent)
  expect(
    rows.map((row) => [
      row.event_type,
      row.amount_minor,
      row.charge_minor,
      row.principal_minor,
      row.cash_minor,
      row.collected_minor,
      row.refunded_minor,
      row.write_off_minor,
    ]),
  ).toEqual([
    ['charged', 1, 1, 1, 0, 0, 0, 0],
    ['adjusted', -2, -2, -2, 0, 0, 0, 0],
    ['waived', -3, -3, -3, 0, 0, 0, 0],
    ['collected', 4, 0, 0, 4, 4, 0, 0],
    ['collection_reversed', -5, 0, 0, -5, -5, 0, 0],
    ['collection_failed', 6, 0, 0, 0, 0, 0, 0],
    ['refunded', -7, 0, 0, -7, 0, 7, 0],
    ['disputed', 0, 0, 0, 0, 0, 0, 0],
    ['written_off', 8, 0, 0, 0, 0, 0, 8],
    ['recovered', 9, 0, 0, 9, 9, 0, -9],
  ])
})

test('a restated total is the change since the total before it, deltas between included', async ({
  db,
}) => {
  const restated = { amount_kind: 'restated' } as const
  await keepLedger(db, {
    fees: [fee({ fee_id: 'F' }), fee({ fee_id: 'G' })],
    events: [
      event('charged', '2026-01-05', 100),
      event('adjusted', '2026-01-06', 20),
      event('adjusted', '2026-01-07', 150, restated),
      event('collected', '2026-01-08', 60),
      event('waived', '2026-01-09', 10),
      event('adjusted', '2026-01-10', 90, restated),
      event('charged', '2026-01-05', 70, { ...restated, fee_id: 'G' }),
    ],
  })
  const rows = await rowsOf(db, factFeeEvent)
  expect(rows.map((row) => [row.fee_id, row.charge_minor])).toEqual([
    ['F', 100],
    ['F', 20],
    ['F', 30],
    ['F', 0],
    ['F', -10],
    ['F', -50],
    ['G', 70],
  ])
})

test('a corrected event is gone, also from the totals restated after it', async ({ db }) => {
  const wrong = event('charged', '2026-01-05', 999)
  await keepLedger(db, {
    events: [
      wrong,
      event('charged', '2026-01-05', 100, { supersedes: wrong.source_event_id }),
      event('adjusted', '2026-01-07', 150, { amount_kind: 'restated' }),
      event('collected', '2026-01-08', 50, { source: 'bank', supersedes: 'of another source' }),
    ],
  })
  const rows = await rowsOf(db, factFeeEvent)
  expect(rows.map((row) => [row.event_type, row.charge_minor, row.cash_minor])).toEqual([
    ['collected', 0, 50],
    ['charged', 100, 0],
    ['adjusted', 50, 0],
  ])
})

test('a correction holds only within its source', async ({ db }) => {
  const charge = event('charged', '2026-01-05', 100)
  await keepLedger(db, {
    events: [
      charge,
      event('collected', '2026-01-06', 40, { source: 'bank', supersedes: charge.source_event_id }),
    ],
  })
  expect((await rowsOf(db, factFeeEvent)).length).toBe(2)
})

test('a late penalty raises the charge but not the principal', async ({ db }) => {
  await keepLedger(db, {
    events: [
      event('charged', '2026-01-05', 100),
      event('adjusted', '2026-03-05', 10, { reason_code: 'late_fee' }),
      event('adjusted', '2026-03-06', -5, { reason_code: 'weight_fix' }),
      event('adjusted', '2026-03-07', 1, { reason_code: 'scribble' }),
    ],
  })
  const rows = await rowsOf(db, factFeeEvent)
  expect(rows.map((row) => [row.reason_group, row.charge_minor, row.principal_minor])).toEqual([
    [null, 100, 100],
    ['penalty', 10, 0],
    ['correction', -5, -5],
    ['unmapped', 1, 1],
  ])
  expect(await brokenChecks(db, factFeeEvent)).toMatchObject({
    'every reason code is known': [{ reason_code: 'scribble' }],
  })
})

test('cash is in euros of its own day, and yen have no cents', async ({ db }) => {
  await keepLedger(db, {
    fees: [
      fee({ fee_id: 'F', marketplace: 'PL', currency: 'PLN' }),
      fee({ fee_id: 'J', marketplace: 'JP', currency: 'JPY' }),
    ],
    events: [
      event('charged', '2026-01-05', 10000, { currency: 'PLN' }),
      event('collected', '2026-01-20', 5000, { currency: 'PLN' }),
      event('charged', '2026-01-05', 30000, { currency: 'JPY', fee_id: 'J' }),
    ],
    rates: [
      rate('PLN', '2026-01-05', '4'),
      rate('PLN', '2026-01-20', '5'),
      rate('JPY', '2026-01-05', '160'),
    ],
  })
  const rows = await rowsOf(db, factFeeEvent)
  expect(rows).toMatchObject([
    { charge_eur: '25.0000000000', cash_eur: '0' },
    { charge_eur: '0', cash_eur: '10.0000000000', collected_eur: '10.0000000000' },
    { charge_eur: '187.5000000000' },
  ])
})

test('an amount 8 days after the last rate has no euros, and the load fails', async ({ db }) => {
  await keepLedger(db, {
    fees: [fee({ fee_id: 'F', marketplace: 'PL', currency: 'PLN' })],
    events: [
      event('charged', '2026-01-09', 400, { currency: 'PLN' }),
      event('charged', '2026-01-10', 400, { currency: 'PLN' }),
      event('disputed', '2026-01-10', 0, { currency: 'PLN' }),
    ],
    rates: [rate('PLN', '2026-01-02', '4')],
  })
  const rows = await rowsOf(db, factFeeEvent)
  expect(rows.map((row) => row.charge_eur)).toEqual(['1.0000000000', null, '0'])
  expect(await brokenChecks(db, factFeeEvent)).toMatchObject({
    'every amount has an exchange rate within 7 days before it': [{ business_date: '2026-01-10' }],
  })
})

test('an event of a fee that never arrived, or in another currency, is found', async ({ db }) => {
  await keepLedger(db, {
    events: [
      event('collected', '2026-01-05', 1, { fee_id: 'lost' }),
      event('collected', '2026-01-05', 1, { currency: 'JPY' }),
    ],
    rates: [rate('JPY', '2026-01-05', '160')],
  })
  expect((await rowsOf(db, factFeeEvent)).map((row) => row.fee_id)).toEqual(['F'])
  expect(await brokenChecks(db, factFeeEvent)).toMatchObject({
    'every event is of a fee that was assessed': [{ fee_id: 'lost' }],
    'an event has the currency of its fee': [{ currency: 'JPY', fee_currency: 'EUR' }],
  })
})
