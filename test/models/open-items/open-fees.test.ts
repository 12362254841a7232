import type { Kysely } from 'kysely'
import { expect } from 'vitest'

import type { AnyDatabase } from '#kit/asset.ts'
import { factOpenItemSnapshot } from '#models/open-items/fact-open-item-snapshot.ts'
import { test } from '#test/kit/database.ts'
import { brokenChecks, build, rowsOf } from '#test/kit/rows.ts'

import { event, fee, keepLedger, rate } from '../fees/ledger.ts'

test('a balance is seen on Sundays and on the last complete day, as it was then', async ({
  db,
}) => {
  // 2026-01-05 and -19 are Mondays, 2026-01-28 is a Wednesday.
  await keepLedger(db, {
    events: [
      event('charged', '2026-01-05', 100),
      event('collected', '2026-01-18', 30),
      event('disputed', '2026-01-19', 0),
      event('dispute_closed', '2026-01-26', 0),
    ],
    asOf: '2026-01-28',
  })
  const same = {
    item_type: 'fee',
    item_id: 'F',
    marketplace: 'DE',
    category: 'textile',
    fee_kind: 'eco_contribution',
    queue: null,
    currency: 'EUR',
    bucket: 'current',
  }
  const paid = { balance_minor: 70, balance_eur: '0.7000000000' }
  expect(await rowsOf(db, factOpenItemSnapshot)).toEqual([
    {
      ...same,
      snapshot_date: '2026-01-11',
      age_days: 6,
      days_past_due: -48,
      balance_minor: 100,
      balance_eur: '1.0000000000',
      is_disputed: false,
    },
    {
      ...same,
      ...paid,
      snapshot_date: '2026-01-18',
      age_days: 13,
      days_past_due: -41,
      is_disputed: false,
    },
    {
      ...same,
      ...paid,
      snapshot_date: '2026-01-25',
      age_days: 20,
      days_past_due: -34,
      is_disputed: true,
    },
    {
      ...same,
      ...paid,
      snapshot_date: '2026-01-28',
      age_days: 23,
      days_past_due: -31,
      is_disputed: false,
    },
  ])
})

test('a fee charged and paid between two Sundays is in no snapshot', async ({ db }) => {
  await keepLedger(db, {
    events: [event('charged', '2026-01-05', 100), event('collected', '2026-01-11', 100)],
    asOf: '2026-01-20',
  })
  expect(await rowsOf(db, factOpenItemSnapshot)).toEqual([])
})

test('a fee that reopens is seen again, and what follows the as-of day is not', async ({ db }) => {
  await keepLedger(db, {
    events: [
      event('charged', '2026-01-11', 100),
      event('collected', '2026-01-12', 100),
      event('collection_reversed', '2026-01-19', 100),
      event('collected', '2026-01-29', 100),
      event('charged', '2026-01-29', 5),
    ],
    asOf: '2026-01-28',
  })
  expect(await balances(db)).toEqual([
    ['2026-01-11', 100],
    ['2026-01-25', 100],
    ['2026-01-28', 100],
  ])
})

test('when the last complete day is a Sunday it is one snapshot, not two', async ({ db }) => {
  await keepLedger(db, { events: [event('charged', '2026-01-12', 100)], asOf: '2026-01-18' })
  expect(await balances(db)).toEqual([['2026-01-18', 100]])
})

test('a debt changes its bucket on the day after the border', async ({ db }) => {
  const borders = [
    [-1, 'current'],
    [0, 'current'],
    [1, '1-30'],
    [30, '1-30'],
    [31, '31-60'],
    [60, '31-60'],
    [61, '61-90'],
    [90, '61-90'],
    [91, '91-180'],
    [180, '91-180'],
    [181, '181-365'],
    [365, '181-365'],
    [366, '365+'],
  ] as const
  const asOf = '2027-02-03'
  const due = (days: number) =>
    new Date(Date.parse(asOf) - days * 86_400_000).toISOString().slice(0, 10)
  const idOf = (days: number) => `${1000 + days}`
  await keepLedger(db, {
    fees: borders.map(([days]) => fee({ fee_id: idOf(days), due_on: due(days) })),
    events: borders.map(([days]) => event('charged', '2027-02-01', 1, { fee_id: idOf(days) })),
    asOf,
  })
  const rows = (await rowsOf(db, factOpenItemSnapshot)).toSorted(
    (a, b) => Number(a.days_past_due) - Number(b.days_past_due),
  )
  expect(rows.map((row) => [row.days_past_due, row.bucket])).toEqual(borders)
})

test('a credit is a row of its own and lowers nobody else’s debt', async ({ db }) => {
  await keepLedger(db, {
    fees: [fee({ fee_id: 'F', due_on: '2026-01-01' }), fee({ fee_id: 'G' })],
    events: [
      event('charged', '2026-01-05', 100),
      event('collected', '2026-01-06', 130),
      event('charged', '2026-01-05', 100, { fee_id: 'G' }),
    ],
    asOf: '2026-01-07',
  })
  expect(await rowsOf(db, factOpenItemSnapshot)).toMatchObject([
    { item_id: 'F', bucket: 'credit', balance_minor: -30 },
    { item_id: 'G', bucket: 'current', balance_minor: 100 },
  ])
})

test('a balance is worth what the closing rate of its snapshot says', async ({ db }) => {
  await keepLedger(db, {
    fees: [fee({ fee_id: 'F', marketplace: 'PL', currency: 'PLN' })],
    events: [event('charged', '2026-01-05', 10000, { currency: 'PLN' })],
    rates: [rate('PLN', '2026-01-05', '4'), rate('PLN', '2026-01-16', '5')],
    asOf: '2026-01-18',
  })
  expect(await rowsOf(db, factOpenItemSnapshot)).toMatchObject([
    { snapshot_date: '2026-01-11', balance_eur: '25.0000000000' },
    { snapshot_date: '2026-01-18', balance_eur: '20.0000000000' },
  ])
})

test('the books roll forward to nothing, and a cent that is lost is found', async ({ db }) => {
  await keepLedger(db, {
    fees: [fee({ fee_id: 'F' }), fee({ fee_id: 'P', marketplace: 'PL', currency: 'PLN' })],
    events: [
      event('charged', '2026-01-05', 100),
      event('written_off', '2026-01-06', 100),
      event('recovered', '2026-01-07', 30),
      event('charged', '2026-01-05', 100, { fee_id: 'P', currency: 'PLN' }),
      event('collected', '2026-01-06', 130, { fee_id: 'P', currency: 'PLN' }),
      event('collected', '2026-01-21', 7, { fee_id: 'P', currency: 'PLN' }),
    ],
    rates: [rate('PLN', '2026-01-05', '4'), rate('PLN', '2026-01-16', '4')],
    asOf: '2026-01-20',
  })
  await build(db, factOpenItemSnapshot)
  expect(await brokenChecks(db, factOpenItemSnapshot)).toEqual({})

  await db
    .updateTable('mart.fact_open_item_snapshot')
    .set({ balance_minor: -29 })
    .where('snapshot_date', '=', '2026-01-20')
    .execute()
  expect(await brokenChecks(db, factOpenItemSnapshot)).toMatchObject({
    'balances roll forward: all charges less cash less write-offs are the open balances': [
      { currency: 'PLN', ledger_less_snapshot: '-1' },
    ],
  })
})

const balances = async (db: Kysely<AnyDatabase>) =>
  (await rowsOf(db, factOpenItemSnapshot)).map((row) => [row.snapshot_date, row.balance_minor])
