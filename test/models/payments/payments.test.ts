import { describe, expect } from 'vitest'
import type * as z from 'zod'

import type { AnyDatabase } from '#kit/asset.ts'
import { factPaymentEvent } from '#models/payments/fact-payment-event.ts'
import { factPayment } from '#models/payments/fact-payment.ts'
import { dimMarketplace } from '#models/reference/dim-marketplace.ts'
import { dimReason } from '#models/reference/dim-reason.ts'
import { refFxRate } from '#models/reference/ref-fx-rate.ts'
import { refMinorUnit } from '#models/reference/ref-minor-unit.ts'
import { rawPaymentEvent } from '#pipelines/payments/payment-event.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { rawMarketplace } from '#pipelines/reference/marketplace.ts'
import { rawMinorUnit } from '#pipelines/reference/minor-unit.ts'
import { rawReason } from '#pipelines/reference/reason.ts'
import { test } from '#test/kit/database.ts'
import { brokenChecks, build, land, rowsOf } from '#test/kit/rows.ts'
import type { Kysely } from 'kysely'

type Event = z.input<typeof rawPaymentEvent.contract>

let sent = 0

/** An authorised attempt of 10.00 EUR in Germany, but for what the test says. */
const attempt = (event: Partial<Event>): Event => ({
  source: 'gateway',
  source_event_id: `E${++sent}`,
  payment_id: 'P',
  event_type: 'attempt',
  attempt_no: 1,
  occurred_at: '2026-10-14T10:00:00Z',
  recorded_at: event.occurred_at ?? '2026-10-14T10:00:00Z',
  marketplace: 'DE',
  partner: 'acquirer_a',
  method: 'card',
  outcome: 'authorised',
  reason_code: null,
  amount_minor: 1000,
  currency: 'EUR',
  ...event,
})

const money = (event: Partial<Event>) => attempt({ attempt_no: null, outcome: null, ...event })

async function landPayments(db: Kysely<AnyDatabase>, events: Event[]) {
  await land(db, rawMarketplace, [
    marketplace('DE', 'EUR', 'Europe/Berlin'),
    marketplace('JP', 'JPY', 'Asia/Tokyo'),
    marketplace('US', 'USD', 'America/Los_Angeles'),
  ])
  await land(db, rawReason, [
    {
      domain: 'decline',
      reason_code: '51',
      reason_group: 'insufficient_funds',
      is_avoidable: false,
      valid_from: '2020-01-01',
    },
  ])
  await land(db, rawMinorUnit, [
    { source: 'gateway', currency: 'EUR', exponent: 2 },
    { source: 'gateway', currency: 'JPY', exponent: 0 },
  ])
  await land(db, rawFxRate, [
    { source: 'ecb', day: '2026-10-14', currency: 'JPY', rate: '160' },
    { source: 'ecb', day: '2026-10-15', currency: 'JPY', rate: '200' },
    { source: 'ecb', day: '2026-10-14', currency: 'USD', rate: '1.25' },
  ])
  await land(db, rawPaymentEvent, events)
  await build(db, dimMarketplace, dimReason, refMinorUnit, refFxRate, factPaymentEvent)
}

const marketplace = (
  code: 'DE' | 'JP' | 'US',
  currency: 'EUR' | 'JPY' | 'USD',
  zone: string,
): z.input<typeof rawMarketplace.contract> => ({
  marketplace: code,
  country: code,
  currency,
  zone,
  launched_on: '2022-07-01',
})

describe('an event', () => {
  test('belongs to the local day and is valued at the rate of that day', async ({ db }) => {
    const tokyoMorning = attempt({
      source_event_id: 'late',
      occurred_at: '2026-10-14T15:00:00Z',
      marketplace: 'JP',
      currency: 'JPY',
      amount_minor: 1000,
    })
    const tokyoNight = {
      ...tokyoMorning,
      source_event_id: 'early',
      occurred_at: '2026-10-14T14:59:59Z',
    }
    await landPayments(db, [tokyoMorning, tokyoNight])

    expect(await rowsOf(db, factPaymentEvent)).toEqual([
      {
        ...tokyoNight,
        business_date: '2026-10-14',
        decline_group: null,
        is_submitted: true,
        amount_eur: '6.2500000000',
      },
      {
        ...tokyoMorning,
        business_date: '2026-10-15',
        decline_group: null,
        is_submitted: true,
        amount_eur: '5.0000000000',
      },
    ])
  })

  test('of the night the clocks change belongs to the day the wall clock showed', async ({
    db,
  }) => {
    await landPayments(db, [
      // Berlin goes from UTC+2 to UTC+1 on 25 October 2026, Los Angeles from -7 to -8 on 1 November.
      attempt({ source_event_id: '1', occurred_at: '2026-10-24T22:00:00Z' }),
      attempt({ source_event_id: '2', occurred_at: '2026-10-25T22:59:59Z' }),
      attempt({ source_event_id: '3', occurred_at: '2026-10-25T23:00:00Z' }),
      attempt({ source_event_id: '4', occurred_at: '2026-11-01T06:59:59Z', marketplace: 'US' }),
      attempt({ source_event_id: '5', occurred_at: '2026-11-01T07:00:00Z', marketplace: 'US' }),
      attempt({ source_event_id: '6', occurred_at: '2026-11-02T07:59:59Z', marketplace: 'US' }),
      attempt({ source_event_id: '7', occurred_at: '2026-11-02T08:00:00Z', marketplace: 'US' }),
    ])
    expect((await rowsOf(db, factPaymentEvent)).map((row) => row.business_date)).toEqual([
      '2026-10-25',
      '2026-10-25',
      '2026-10-26',
      '2026-10-31',
      '2026-11-01',
      '2026-11-01',
      '2026-11-02',
    ])
  })

  test.for([
    ['authorised', null, true, null],
    ['declined', '51', true, 'insufficient_funds'],
    ['declined', 'X9', true, 'unmapped'],
    ['declined', null, true, 'unmapped'],
    ['error', null, true, 'technical'],
    ['error', '51', true, 'insufficient_funds'],
    ['blocked', '51', false, null],
    ['challenged', null, false, null],
    [null, null, false, null],
  ] as const)(
    'that ends %s with code %s: submitted %s, decline group %s',
    async ([outcome, reason_code, is_submitted, decline_group], { db }) => {
      await landPayments(db, [attempt({ outcome, reason_code })])
      expect(await rowsOf(db, factPaymentEvent)).toMatchObject([{ is_submitted, decline_group }])
    },
  )

  test('without an exchange rate, or of a new code, breaks a check', async ({ db }) => {
    await landPayments(db, [
      attempt({ occurred_at: '2026-10-22T12:00:00Z', currency: 'USD', marketplace: 'US' }),
      attempt({ outcome: 'declined', reason_code: 'X9' }),
    ])
    expect(await brokenChecks(db, factPaymentEvent)).toEqual({
      'every payment event has an exchange rate': [
        { currency: 'USD', business_date: '2026-10-22', events: 1 },
      ],
      'every decline has a reason code we know': [
        { partner: 'acquirer_a', reason_code: 'X9', declines: 1 },
      ],
      'the digits of every currency of a source are known': [
        { source: 'gateway', currency: 'USD', events: 1 },
      ],
    })
  })

  test('of a marketplace without a zone breaks a check', async ({ db }) => {
    await landPayments(db, [attempt({ marketplace: 'FR' })])
    expect(await rowsOf(db, factPaymentEvent)).toEqual([])
    expect(await brokenChecks(db, factPaymentEvent)).toEqual({
      'every payment event belongs to a marketplace we know': [{ marketplace: 'FR', events: 1 }],
    })
  })
})

describe('a payment', () => {
  test('is one however often it was tried, by the partner it was tried with first', async ({
    db,
  }) => {
    await landPayments(db, [
      attempt({ attempt_no: 1, outcome: 'declined', reason_code: '51' }),
      attempt({
        attempt_no: 2,
        occurred_at: '2026-10-14T21:59:00Z',
        outcome: 'error',
        partner: 'acquirer_b',
      }),
      attempt({
        attempt_no: 3,
        occurred_at: '2026-10-14T22:30:00Z',
        partner: 'wallet_x',
        method: 'wallet',
      }),
      money({ event_type: 'captured', occurred_at: '2026-10-16T08:00:00Z', partner: 'wallet_x' }),
      money({ event_type: 'captured', occurred_at: '2026-10-17T08:00:00Z', amount_minor: 400 }),
      money({ event_type: 'refunded', occurred_at: '2026-10-20T08:00:00Z', amount_minor: 300 }),
      money({ event_type: 'refunded', occurred_at: '2026-10-21T08:00:00Z', amount_minor: 150 }),
    ])
    expect(await rowsOf(db, factPayment)).toEqual([
      {
        payment_id: 'P',
        marketplace: 'DE',
        partner: 'acquirer_a',
        method: 'card',
        first_attempt_on: '2026-10-14',
        first_submitted_at: '2026-10-14T10:00:00Z',
        authorised_at: '2026-10-14T22:30:00Z',
        is_authorised_24h: true,
        captured_at: '2026-10-16T08:00:00Z',
        refunded_minor: 450,
        currency: 'EUR',
        amount_minor: 1000,
        attempts: 3,
        final_outcome: 'authorised',
      },
    ])
    await build(db, factPayment)
    expect(await brokenChecks(db, factPayment)).toEqual({})
  })

  test.for([
    ['2026-10-15T10:00:00Z', true],
    ['2026-10-15T10:00:01Z', false],
    ['2026-10-15T11:00:00Z', false],
  ] as const)(
    'first declined at 10:00, authorised at %s: in 24 h %s',
    async ([at, in24h], { db }) => {
      await landPayments(db, [
        attempt({ outcome: 'declined', reason_code: '51' }),
        attempt({ attempt_no: 2, occurred_at: at }),
      ])
      expect(await rowsOf(db, factPayment)).toMatchObject([
        { is_authorised_24h: in24h, authorised_at: at, final_outcome: 'authorised' },
      ])
    },
  )

  test('has 24 hours also over the night of 25', async ({ db }) => {
    await landPayments(db, [
      attempt({ outcome: 'declined', reason_code: '51', occurred_at: '2026-10-24T22:30:00Z' }),
      attempt({ attempt_no: 2, occurred_at: '2026-10-25T23:00:00Z' }),
    ])
    expect(await rowsOf(db, factPayment)).toMatchObject([{ is_authorised_24h: false }])
  })

  test('that is blocked or not through 3DS was never submitted; its next attempt is the first', async ({
    db,
  }) => {
    await landPayments(db, [
      attempt({ payment_id: 'A', outcome: 'challenged' }),
      attempt({
        payment_id: 'A',
        attempt_no: 2,
        outcome: 'blocked',
        occurred_at: '2026-10-14T10:05:00Z',
      }),
      attempt({ payment_id: 'B', outcome: 'blocked' }),
      attempt({ payment_id: 'B', attempt_no: 2, occurred_at: '2026-10-15T10:00:00Z' }),
    ])
    expect(await rowsOf(db, factPayment)).toMatchObject([
      {
        payment_id: 'A',
        first_attempt_on: null,
        first_submitted_at: null,
        authorised_at: null,
        is_authorised_24h: false,
        attempts: 0,
        final_outcome: 'blocked',
      },
      {
        payment_id: 'B',
        first_attempt_on: '2026-10-15',
        first_submitted_at: '2026-10-15T10:00:00Z',
        is_authorised_24h: true,
        attempts: 1,
        final_outcome: 'authorised',
      },
    ])
  })

  test('of a card verification is verified, not authorised', async ({ db }) => {
    await landPayments(db, [attempt({ amount_minor: 0 })])
    expect(await rowsOf(db, factPayment)).toMatchObject([
      {
        first_attempt_on: null,
        authorised_at: null,
        is_authorised_24h: false,
        attempts: 0,
        amount_minor: 0,
        final_outcome: 'verified',
      },
    ])
  })

  test('that is captured without an authorisation, or refunded beyond its amount, is told', async ({
    db,
  }) => {
    await landPayments(db, [
      money({ payment_id: 'A', event_type: 'captured' }),
      attempt({ payment_id: 'B' }),
      money({ payment_id: 'B', event_type: 'refunded', amount_minor: 600 }),
      money({ payment_id: 'B', event_type: 'refunded', amount_minor: 600 }),
    ])
    await build(db, factPayment)
    expect(await brokenChecks(db, factPayment)).toEqual({
      'money is captured only after an authorisation': [
        { payment_id: 'A', captured_at: '2026-10-14T10:00:00Z', final_outcome: null },
      ],
      'no payment is refunded beyond its amount': [
        { payment_id: 'B', amount_minor: 1000, refunded_minor: 1200, currency: 'EUR' },
      ],
    })
  })

  test('that lost an attempt between the facts is told', async ({ db }) => {
    await landPayments(db, [attempt({})])
    await build(db, factPayment)
    await db
      .updateTable('mart.fact_payment')
      .set({ attempts: 0, authorised_at: '2026-10-14T09:00:00Z' })
      .execute()
    expect(await brokenChecks(db, factPayment)).toMatchObject({
      'payments hold every submitted attempt once': [{ of_events: 1, of_payments: 0 }],
      'no payment is authorised before its first submitted attempt': [{ payment_id: 'P' }],
    })
  })
})
