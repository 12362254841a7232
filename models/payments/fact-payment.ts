import { type Expression, sql } from 'kysely'
import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { code, count, day, flag, instant, minor } from '#kit/columns.ts'
import { rawPaymentEvent } from '#pipelines/payments/payment-event.ts'

import { factPaymentEvent } from './fact-payment-event.ts'

const event = rawPaymentEvent.contract.shape
const outcomes = ['authorised', 'declined', 'error', 'blocked', 'challenged', 'verified'] as const

/** Payments, one row an intent however many attempts it took: retries are collapsed. */
export const factPayment = model({
  name: 'mart.fact_payment',
  description: 'Payments, one row an intent however many attempts it took.',
  contract: z.object({
    payment_id: event.payment_id,
    marketplace: event.marketplace,
    partner: event.partner.describe('Partner of the first attempt'),
    method: event.method.describe('Method of the first attempt'),
    first_attempt_on: day()
      .nullable()
      .describe('Business date of the first submitted attempt; empty when none was submitted'),
    first_submitted_at: instant().nullable().describe('When the first attempt was submitted'),
    authorised_at: instant().nullable().describe('When a submitted attempt was first authorised'),
    is_authorised_24h: flag().describe(
      'Whether it was authorised within 24 h of the first submitted attempt',
    ),
    captured_at: instant().nullable().describe('When money was first captured'),
    refunded_minor: minor().describe('Refunded, in minor units'),
    currency: event.currency,
    amount_minor: minor().describe('Greatest amount of its events, in minor units'),
    attempts: count().describe('Submitted attempts'),
    final_outcome: code(outcomes)
      .nullable()
      .describe('authorised; verified: for the amount of 0; else the outcome of the last attempt'),
  }),
  grain: ['payment_id'],
  distributeBy: 'payment_id',
  reads: [factPaymentEvent],
  query: (db) =>
    db
      .with('numbered', () =>
        db
          .selectFrom('mart.fact_payment_event as e')
          .select(['e.payment_id', 'e.marketplace', 'e.currency', 'e.partner', 'e.method'])
          .select(['e.event_type', 'e.outcome', 'e.is_submitted', 'e.business_date'])
          .select(['e.occurred_at', 'e.amount_minor'])
          .select(({ eb, fn }) => {
            const place = fn.agg<number>('row_number')
            const inOrder: Parameters<typeof place.over>[0] = (over) =>
              over
                .partitionBy('e.payment_id')
                // Captures and refunds have no number and come last.
                .orderBy('e.attempt_no')
                .orderBy('e.occurred_at')
                .orderBy('e.source_event_id')
            const next = fn.agg<string | null>('lead', ['e.event_type']).over(inOrder)
            return [
              place.over(inOrder).as('place'),
              eb('e.event_type', '=', 'attempt')
                .and(next, 'is distinct from', 'attempt')
                .as('is_last_attempt'),
            ]
          }),
      )
      .with('payment', (cte) =>
        cte
          .selectFrom('numbered as e')
          .groupBy('e.payment_id')
          .select('e.payment_id')
          .select(({ fn, eb }) => {
            const isFirst = eb('e.place', '=', 1)
            const isSubmitted = eb('e.is_submitted', 'is', true)
            const isAuthorised = eb('e.outcome', '=', 'authorised')
            return [
              fn.max('e.marketplace').filterWhere(isFirst).as('marketplace'),
              fn.max('e.currency').filterWhere(isFirst).as('currency'),
              fn.max('e.partner').filterWhere(isFirst).as('partner'),
              fn.max('e.method').filterWhere(isFirst).as('method'),
              fn.min('e.business_date').filterWhere(isSubmitted).as('first_attempt_on'),
              fn.min('e.occurred_at').filterWhere(isSubmitted).as('first_submitted_at'),
              fn
                .min('e.occurred_at')
                .filterWhere(isSubmitted.and(isAuthorised))
                .as('authorised_at'),
              fn
                .min('e.occurred_at')
                .filterWhere('e.event_type', '=', 'captured')
                .as('captured_at'),
              fn
                .sum<number>('e.amount_minor')
                .filterWhere('e.event_type', '=', 'refunded')
                .as('refunded_minor'),
              fn.max('e.amount_minor').as('amount_minor'),
              fn.countAll<number>().filterWhere(isSubmitted).as('attempts'),
              fn.max('e.outcome').filterWhere('e.is_last_attempt', 'is', true).as('last_outcome'),
              fn.agg<boolean | null>('bool_or', [isAuthorised]).as('was_authorised'),
            ]
          }),
      )
      .selectFrom('payment as p')
      .select(['p.payment_id', 'p.marketplace', 'p.partner', 'p.method', 'p.first_attempt_on'])
      .select(['p.first_submitted_at', 'p.authorised_at', 'p.captured_at', 'p.currency'])
      .select(['p.amount_minor', 'p.attempts'])
      .select((eb) => {
        const limit = dayAfter(eb.ref('p.first_submitted_at'))
        return [
          eb
            .cast<number>(eb.fn.coalesce('p.refunded_minor', eb.lit(0)), 'int8')
            .as('refunded_minor'),
          eb.fn
            .coalesce(eb('p.authorised_at', '<=', limit), eb.lit(false))
            .$castTo<boolean>()
            .as('is_authorised_24h'),
          eb
            .case()
            .when('p.authorised_at', 'is not', null)
            .then(sql.lit('authorised' as const))
            .when('p.was_authorised', 'is', true)
            .then(sql.lit('verified' as const))
            .else(eb.ref('p.last_outcome'))
            .end()
            .as('final_outcome'),
        ]
      }),
  checks: [
    {
      name: 'no payment is authorised before its first submitted attempt',
      severity: 'error',
      because: 'It would count as authorised within 24 h whenever that really was.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_payment')
          .whereRef('authorised_at', '<', 'first_submitted_at')
          .select(['payment_id', 'first_submitted_at', 'authorised_at']),
    },
    {
      name: 'payments hold every submitted attempt once',
      severity: 'error',
      because:
        'The rate per attempt and the rate per payment would speak of different attempts, and ' +
        'nobody could say what retries recover.',
      broken: (db) =>
        db
          .with('events', (cte) =>
            cte
              .selectFrom('mart.fact_payment_event')
              .where('is_submitted', 'is', true)
              .select(({ fn }) => fn.countAll<number>().as('of_events')),
          )
          .with('payments', (cte) =>
            cte
              .selectFrom('mart.fact_payment')
              .select(({ fn, lit }) =>
                fn.coalesce(fn.sum<number>('attempts'), lit(0)).as('of_payments'),
              ),
          )
          .selectFrom(['events', 'payments'])
          .whereRef('of_events', '!=', 'of_payments')
          .select(['of_events', 'of_payments']),
    },
    {
      name: 'money is captured only after an authorisation',
      severity: 'warning',
      because:
        'The authorised attempt is missing from the feed: the payment counts as declined or not ' +
        'at all, although the customer paid.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_payment')
          .where('captured_at', 'is not', null)
          .where('authorised_at', 'is', null)
          .select(['payment_id', 'captured_at', 'final_outcome']),
    },
    {
      name: 'no payment is refunded beyond its amount',
      severity: 'warning',
      because: 'A refund sent under two ids is refunded twice in every sum.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_payment')
          .whereRef('refunded_minor', '>', 'amount_minor')
          .select(['payment_id', 'amount_minor', 'refunded_minor', 'currency']),
    },
  ],
})

/** 24 hours later, also when a night is 23 or 25 hours long. */
const dayAfter = (moment: Expression<string>) => sql<string>`(${moment} + interval '24 hours')`
