import { expect } from 'vitest'

import { factFee } from '#models/fees/fact-fee.ts'
import { dimSeller } from '#models/reference/dim-seller.ts'
import { rawSeller } from '#pipelines/reference/seller.ts'
import { test } from '#test/kit/database.ts'
import { brokenChecks, build, land, rowsOf } from '#test/kit/rows.ts'

import { event, fee, keepLedger, rate } from './ledger.ts'

test('a fee paid in two parts is collected when its principal is covered', async ({ db }) => {
  await keepLedger(db, {
    events: [
      event('charged', '2026-01-05', 10000),
      event('collected', '2026-01-20', 7000),
      event('adjusted', '2026-03-02', 500, { reason_code: 'late_fee' }),
      event('collected', '2026-03-10', 3000),
    ],
    asOf: '2026-04-04',
  })
  expect(await rowsOf(db, factFee)).toEqual([
    {
      fee_id: 'F',
      marketplace: 'DE',
      seller_id: 'S1',
      seller_key: null,
      category: 'textile',
      fee_kind: 'eco_contribution',
      period: '2026-01',
      currency: 'EUR',
      rate_card: null,
      quantity: 1,
      weight_grams: 100,
      charged_on: '2026-01-05',
      due_on: '2026-02-28',
      first_collected_on: '2026-01-20',
      fully_collected_on: '2026-03-10',
      disputed_on: null,
      refunded_on: null,
      written_off_on: null,
      net_charged_minor: 10500,
      principal_minor: 10000,
      net_cash_minor: 10000,
      written_off_minor: 0,
      outstanding_minor: 500,
      status: 'partly_collected',
      replaces_fee_id: null,
      is_mature_30: true,
      principal_30_eur: '100.0000000000',
      cash_30_eur: '70.0000000000',
      is_mature_90: false,
      principal_90_eur: null,
      cash_90_eur: null,
      is_mature_180: false,
      principal_180_eur: null,
      cash_180_eur: null,
    },
  ])
})

test('a refunded overcharge leaves the cohort recovered in full, not at 167 %', async ({ db }) => {
  await keepLedger(db, {
    events: [
      event('charged', '2026-01-05', 10000),
      event('collected', '2026-01-10', 10000),
      event('adjusted', '2026-02-20', -4000, { reason_code: 'weight_fix' }),
      event('refunded', '2026-02-21', 4000),
    ],
    asOf: '2026-12-31',
  })
  expect(await rowsOf(db, factFee)).toMatchObject([
    {
      principal_30_eur: '100.0000000000',
      cash_30_eur: '100.0000000000',
      principal_90_eur: '60.0000000000',
      cash_90_eur: '60.0000000000',
      refunded_on: '2026-02-21',
      outstanding_minor: 0,
      status: 'collected',
    },
  ])
})

test('a cohort is mature from the day its last fee has the age, not a day before', async ({
  db,
}) => {
  await keepLedger(db, {
    fees: [fee({ fee_id: 'F' }), fee({ fee_id: 'G' })],
    events: [
      event('charged', '2026-01-05', 100),
      event('charged', '2026-01-06', 100, { fee_id: 'G' }),
      event('collected', '2026-02-04', 40),
      event('collected', '2026-02-05', 60),
    ],
    asOf: '2026-02-04',
  })
  expect(await rowsOf(db, factFee)).toMatchObject([
    {
      fee_id: 'F',
      is_mature_30: true,
      principal_30_eur: '1.0000000000',
      cash_30_eur: '0.4000000000',
    },
    { fee_id: 'G', is_mature_30: false, principal_30_eur: null, cash_30_eur: null },
  ])
})

test('cohort cash is converted at the rate of the charge date, so FX recovers nothing', async ({
  db,
}) => {
  await keepLedger(db, {
    fees: [fee({ fee_id: 'F', marketplace: 'PL', currency: 'PLN' })],
    events: [
      event('charged', '2026-01-04', 10000, { currency: 'PLN' }),
      event('collected', '2026-01-20', 10000, { currency: 'PLN' }),
    ],
    rates: [rate('PLN', '2026-01-02', '4'), rate('PLN', '2026-01-20', '5')],
    asOf: '2026-02-28',
  })
  expect(await rowsOf(db, factFee)).toMatchObject([
    { charged_on: '2026-01-04', principal_30_eur: '25.0000000000', cash_30_eur: '25.0000000000' },
  ])
})

test('money after a write-off is cash, and the outstanding stays as it was', async ({ db }) => {
  await keepLedger(db, {
    events: [
      event('charged', '2026-01-05', 100),
      event('written_off', '2026-05-05', 100),
      event('recovered', '2026-06-05', 30),
    ],
  })
  expect(await rowsOf(db, factFee)).toMatchObject([
    {
      first_collected_on: '2026-06-05',
      net_cash_minor: 30,
      written_off_minor: 70,
      outstanding_minor: 0,
      status: 'written_off',
    },
  ])
})

test('where a fee stands follows from its sums and its open dispute', async ({ db }) => {
  const of = (fee_id: string) => ({ fee_id })
  const fees = ['cancelled', 'charged', 'credit', 'disputed', 'paid', 'sent', 'settled']
  await keepLedger(db, {
    fees: fees.map((fee_id) => fee({ fee_id })),
    events: [
      ...fees.map((fee_id) => event('charged', '2026-01-05', 100, { fee_id })),
      event('waived', '2026-01-06', 100, of('cancelled')),
      event('collected', '2026-01-06', 110, of('credit')),
      event('disputed', '2026-01-06', 0, of('disputed')),
      event('collected', '2026-01-06', 100, of('paid')),
      event('sent_to_collections', '2026-01-06', 0, of('sent')),
      event('disputed', '2026-01-06', 0, of('settled')),
      event('dispute_closed', '2026-01-07', 0, of('settled')),
    ],
  })
  const rows = await rowsOf(db, factFee)
  expect(rows.map((row) => [row.fee_id, row.status, row.fully_collected_on])).toEqual([
    ['cancelled', 'cancelled', null],
    ['charged', 'charged', null],
    ['credit', 'credit', '2026-01-06'],
    ['disputed', 'disputed', null],
    ['paid', 'collected', '2026-01-06'],
    ['sent', 'sent_to_collections', null],
    ['settled', 'charged', null],
  ])
})

test('a fee has the seller as at its charge, also before the first row of the seller', async ({
  db,
}) => {
  const seller = { seller_id: 'S1', country: 'DE', registration_status: 'registered' } as const
  await land(db, rawSeller, [
    { ...seller, valid_from: '2026-01-05', tier: 'small' },
    { ...seller, valid_from: '2026-02-01', tier: 'large' },
  ])
  await keepLedger(db, {
    fees: ['A', 'B', 'C'].map((fee_id) => fee({ fee_id })),
    events: [
      event('charged', '2026-01-01', 1, { fee_id: 'A' }),
      event('charged', '2026-01-31', 1, { fee_id: 'B' }),
      event('charged', '2026-02-01', 1, { fee_id: 'C' }),
    ],
  })
  await build(db, dimSeller)
  expect((await rowsOf(db, factFee)).map((row) => row.seller_key)).toEqual([
    'S1@2026-01-05',
    'S1@2026-01-05',
    'S1@2026-02-01',
  ])
})

test('cash before any charge is in no cohort, and is found', async ({ db }) => {
  await keepLedger(db, {
    fees: [fee({ fee_id: 'F' }), fee({ fee_id: 'G' })],
    events: [
      event('collected', '2026-01-05', 100),
      event('collected', '2026-01-05', 100, { fee_id: 'G' }),
      event('charged', '2026-01-06', 100, { fee_id: 'G' }),
      event('refunded', '2026-01-07', 150, { fee_id: 'G' }),
      event('recovered', '2026-01-08', 10, { fee_id: 'G' }),
    ],
    asOf: '2026-03-01',
  })
  expect(await rowsOf(db, factFee)).toMatchObject([{ fee_id: 'G', cash_30_eur: '-0.4000000000' }])
  expect(await brokenChecks(db, factFee)).toEqual({
    'cash comes after a charge': [
      expect.objectContaining({ fee_id: 'F', charged_on: null }),
      expect.objectContaining({ fee_id: 'G', charged_on: '2026-01-06' }),
    ],
    'no more is paid back than came in': [{ fee_id: 'G', net_cash_minor: -40 }],
    'no more is recovered than was written off': [{ fee_id: 'G', written_off_minor: -10 }],
  })
})
