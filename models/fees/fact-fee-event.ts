import { type Expression, sql } from 'kysely'
import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { related } from '#kit/checks/related.ts'
import { day, decimal, minor, text } from '#kit/columns.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { rawFee } from '#pipelines/fees/fee.ts'

import { businessDate } from '../calendar/business-date.ts'
import { euros } from '../money.ts'
import { dimMarketplace } from '../reference/dim-marketplace.ts'
import { dimReason } from '../reference/dim-reason.ts'
import { refFxRate } from '../reference/ref-fx-rate.ts'
import { reasonGroup } from '../reference/reason-group.ts'
import { refMinorUnit } from '../reference/ref-minor-unit.ts'
import { type Effect, effect } from './effects.ts'
import { liveEvents } from './live-events.ts'
import { restatements } from './restatements.ts'

const event = rawFeeEvent.contract.shape
const fee = rawFee.contract.shape

/** What happened to fees, as changes: every amount is a delta on its business date. */
export const factFeeEvent = model({
  name: 'mart.fact_fee_event',
  description:
    'What happened to fees, one row an event, every amount a change on its business date.',
  contract: z.object({
    source: event.source,
    source_event_id: event.source_event_id,
    fee_id: event.fee_id,
    event_type: event.event_type,
    business_date: day().describe("Local date of the event in the marketplace's zone"),
    occurred_at: event.occurred_at,
    recorded_at: event.recorded_at,
    marketplace: fee.marketplace,
    category: fee.category,
    fee_kind: fee.fee_kind,
    seller_id: fee.seller_id,
    currency: event.currency,
    reason_code: event.reason_code,
    reason_group: text().nullable().describe('Group of the reason; unmapped: the code is unknown'),
    amount_minor: minor().describe(
      'Change the event made, in minor units; money to us is positive',
    ),
    charge_minor: minor().describe('Change of the net charge'),
    principal_minor: minor().describe('Change of the principal: the charge without late penalties'),
    cash_minor: minor().describe('Change of the net cash'),
    collected_minor: minor().describe('Change of the cash before refunds'),
    refunded_minor: minor().describe('Cash paid back'),
    write_off_minor: minor().describe('Change of what is written off'),
    charge_eur: decimal().nullable().describe('charge_minor at the rate of the business date'),
    cash_eur: decimal().nullable().describe('cash_minor at the rate of the business date'),
    collected_eur: decimal()
      .nullable()
      .describe('collected_minor at the rate of the business date'),
    refunded_eur: decimal().nullable().describe('refunded_minor at the rate of the business date'),
    write_off_eur: decimal()
      .nullable()
      .describe('write_off_minor at the rate of the business date'),
  }),
  grain: ['source', 'source_event_id'],
  distributeBy: 'source_event_id',
  reads: [rawFeeEvent, rawFee, dimMarketplace, dimReason, refMinorUnit, refFxRate],
  query: (db) =>
    db
      .with('change', () =>
        db
          .selectFrom(liveEvents(db).as('e'))
          .innerJoin('raw.fee as f', 'f.fee_id', 'e.fee_id')
          .innerJoin('mart.dim_marketplace as m', 'm.marketplace', 'f.marketplace')
          .leftJoin(restatements(db).as('restated'), (join) =>
            join
              .onRef('restated.source', '=', 'e.source')
              .onRef('restated.source_event_id', '=', 'e.source_event_id'),
          )
          .leftJoin('mart.dim_reason as r', (join) =>
            join.on('r.domain', '=', 'fee').onRef('r.reason_code', '=', 'e.reason_code'),
          )
          .select(['e.source', 'e.source_event_id', 'e.fee_id', 'e.event_type'])
          .select(['e.occurred_at', 'e.recorded_at', 'e.currency', 'e.reason_code'])
          .select(['f.marketplace', 'f.category', 'f.fee_kind', 'f.seller_id'])
          .select(({ ref, fn }) => [
            businessDate(ref('e.occurred_at'), ref('m.zone')).as('business_date'),
            reasonGroup(ref('e.reason_code'), ref('r.reason_group')).as('reason_group'),
            fn.coalesce('restated.delta_minor', 'e.amount_minor').as('minor'),
          ])
          // A fence: the zone is looked up once an event, not once for each use of its date.
          .offset(sql.lit(0)),
      )
      .selectFrom('change as c')
      .innerJoin(effect, 'effect.event_type', 'c.event_type')
      .leftJoin('mart.ref_minor_unit as unit', (join) =>
        join.onRef('unit.source', '=', 'c.source').onRef('unit.currency', '=', 'c.currency'),
      )
      .leftJoin('mart.ref_fx_rate as fx', (join) =>
        join.onRef('fx.day', '=', 'c.business_date').onRef('fx.currency', '=', 'c.currency'),
      )
      .select(['c.source', 'c.source_event_id', 'c.fee_id', 'c.event_type', 'c.business_date'])
      .select(['c.occurred_at', 'c.recorded_at', 'c.marketplace', 'c.category', 'c.fee_kind'])
      .select(['c.seller_id', 'c.currency', 'c.reason_code', 'c.reason_group'])
      .select((eb) => {
        const times = (factor: keyof Effect) => eb('c.minor', '*', eb.ref(`effect.${factor}`))
        const inEuros = (amount: Expression<number>) =>
          euros(amount, {
            currency: eb.ref('c.currency'),
            exponent: eb.ref('unit.exponent'),
            rate: eb.ref('fx.rate'),
          })
        const isPenalty = eb('c.event_type', '=', 'adjusted').and('c.reason_group', '=', 'penalty')
        return [
          times('sign').as('amount_minor'),
          times('charge').as('charge_minor'),
          eb
            .case()
            .when(isPenalty)
            .then(sql.lit(0))
            .else(times('charge'))
            .end()
            .as('principal_minor'),
          times('cash').as('cash_minor'),
          times('collected').as('collected_minor'),
          times('refunded').as('refunded_minor'),
          times('write_off').as('write_off_minor'),
          inEuros(times('charge')).as('charge_eur'),
          inEuros(times('cash')).as('cash_eur'),
          inEuros(times('collected')).as('collected_eur'),
          inEuros(times('refunded')).as('refunded_eur'),
          inEuros(times('write_off')).as('write_off_eur'),
        ]
      }),
  checks: [
    {
      name: 'every event is of a fee that was assessed',
      severity: 'warning',
      because: 'Cash on a fee that never arrived is in no marketplace, and no total looks odd.',
      broken: (db) =>
        db
          .selectFrom(liveEvents(db).as('e'))
          .leftJoin('raw.fee as f', 'f.fee_id', 'e.fee_id')
          .where('f.fee_id', 'is', null)
          .select(['e.source', 'e.source_event_id', 'e.fee_id', 'e.event_type']),
    },
    related('raw.fee', 'marketplace', {
      to: 'mart.dim_marketplace',
      name: 'every fee is of a known marketplace',
      because: 'Without a zone an event has no business date: all events of that place would go.',
      counted: 'fees',
    }),
    {
      name: 'an event has the currency of its fee',
      severity: 'error',
      because: 'Balances add the minor units of all events of a fee: yen would be added to cents.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_fee_event as e')
          .innerJoin('raw.fee as f', 'f.fee_id', 'e.fee_id')
          .whereRef('e.currency', '!=', 'f.currency')
          .select(['e.source', 'e.source_event_id', 'e.fee_id', 'e.currency'])
          .select('f.currency as fee_currency'),
    },
    {
      name: 'every amount has an exchange rate within 7 days before it',
      severity: 'error',
      because: 'Sums pass over what is unknown, so the money would be missing from every total.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_fee_event')
          .where(({ or, eb }) =>
            or([
              eb('charge_eur', 'is', null),
              eb('cash_eur', 'is', null),
              eb('collected_eur', 'is', null),
              eb('refunded_eur', 'is', null),
              eb('write_off_eur', 'is', null),
            ]),
          )
          .select(['source', 'source_event_id', 'fee_id', 'business_date', 'currency']),
    },
    {
      name: 'every reason code is known',
      severity: 'warning',
      because: 'An unknown code may be a penalty, which would then inflate the principal.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_fee_event')
          .where('reason_group', '=', 'unmapped')
          .select(['source', 'source_event_id', 'fee_id', 'reason_code']),
    },
    {
      name: 'only charges are restated',
      severity: 'warning',
      because:
        'Any other restated amount is taken as a change, and counts what was counted before.',
      broken: (db) =>
        db
          .selectFrom('raw.fee_event')
          .where('amount_kind', '=', 'restated')
          .where('event_type', 'not in', ['charged', 'adjusted'])
          .select(['source', 'source_event_id', 'fee_id', 'event_type']),
    },
  ],
})
