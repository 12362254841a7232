import type { Expression } from 'kysely'
import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { day, decimal, flag, minor, text } from '#kit/columns.ts'
import { rawFee } from '#pipelines/fees/fee.ts'

import { isReached, plusDays } from '../calendar/days.ts'
import { refWatermark } from '../calendar/ref-watermark.ts'
import { holdsOn } from '../history.ts'
import { euros } from '../money.ts'
import { dimSeller } from '../reference/dim-seller.ts'
import { refFxRate } from '../reference/ref-fx-rate.ts'
import { refMinorUnit } from '../reference/ref-minor-unit.ts'
import { balance } from './balance.ts'
import { factFeeEvent } from './fact-fee-event.ts'
import { feeStatus, feeStatuses } from './fee-status.ts'
import { type CohortAge, feeTotals } from './fee-totals.ts'

const fee = rawFee.contract.shape
const first = (what: string) => day().nullable().describe(`First day ${what}`)
const mature = (age: CohortAge) =>
  flag().describe(`Whether ${age} days have passed since the charge, as of the last complete day`)
const at = (age: CohortAge, what: string) =>
  decimal()
    .nullable()
    .describe(`${what} ${age} days after the charge, in euros of the charge date; null if immature`)

/** Charged fees as they stand now, with what each had recovered at 30, 90 and 180 days of age. */
export const factFee = model({
  name: 'mart.fact_fee',
  description: 'Charged fees as they stand, with what each had recovered at set ages.',
  contract: z.object({
    fee_id: fee.fee_id,
    marketplace: fee.marketplace,
    seller_id: fee.seller_id,
    seller_key: text().nullable().describe('The seller as at the charge; null: not in dim_seller'),
    category: fee.category,
    fee_kind: fee.fee_kind,
    period: fee.period,
    currency: fee.currency,
    rate_card: fee.rate_card,
    quantity: fee.quantity,
    weight_grams: fee.weight_grams,
    charged_on: day().describe('Business date of the first charge'),
    due_on: fee.due_on,
    first_collected_on: first('cash came in'),
    fully_collected_on: first('the cash covered the principal then known'),
    disputed_on: first('it was disputed'),
    refunded_on: first('cash was paid back'),
    written_off_on: first('some was written off'),
    net_charged_minor: minor().describe('Net charge, late penalties included'),
    principal_minor: minor().describe('Net charge without late penalties'),
    net_cash_minor: minor().describe('Cash less reversals and refunds'),
    written_off_minor: minor().describe('Written off less recovered'),
    outstanding_minor: minor().describe('Charge less cash less write-off; negative: a credit'),
    status: text().describe(`One of ${feeStatuses.join(', ')}`),
    replaces_fee_id: fee.replaces_fee_id,
    is_mature_30: mature(30),
    principal_30_eur: at(30, 'Principal known'),
    cash_30_eur: at(30, 'Net cash'),
    is_mature_90: mature(90),
    principal_90_eur: at(90, 'Principal known'),
    cash_90_eur: at(90, 'Net cash'),
    is_mature_180: mature(180),
    principal_180_eur: at(180, 'Principal known'),
    cash_180_eur: at(180, 'Net cash'),
  }),
  grain: ['fee_id'],
  distributeBy: 'fee_id',
  reads: [rawFee, factFeeEvent, dimSeller, refWatermark, refMinorUnit, refFxRate],
  query: (db) =>
    db
      .selectFrom(feeTotals(db).as('t'))
      .innerJoin('raw.fee as f', 'f.fee_id', 't.fee_id')
      .innerJoin('mart.ref_watermark as w', (join) => join.on('w.feed', '=', 'fees'))
      .leftJoin('mart.dim_seller as s', (join) =>
        join.onRef('s.seller_id', '=', 'f.seller_id').on(({ ref }) =>
          holdsOn(ref('t.charged_on'), {
            counts_from: ref('s.counts_from'),
            valid_to: ref('s.valid_to'),
          }),
        ),
      )
      .leftJoin('mart.ref_minor_unit as unit', (join) =>
        join.onRef('unit.source', '=', 'f.source').onRef('unit.currency', '=', 'f.currency'),
      )
      .leftJoin('mart.ref_fx_rate as fx', (join) =>
        join.onRef('fx.day', '=', 't.charged_on').onRef('fx.currency', '=', 'f.currency'),
      )
      .select(['t.fee_id', 'f.marketplace', 'f.seller_id', 's.seller_key', 'f.category'])
      .select(['f.fee_kind', 'f.period', 'f.currency', 'f.rate_card', 'f.quantity'])
      .select(['f.weight_grams', 't.charged_on', 'f.due_on', 't.first_collected_on'])
      .select(['t.fully_collected_on', 't.disputed_on', 't.refunded_on', 't.written_off_on'])
      .select(['t.net_charged_minor', 't.principal_minor', 't.net_cash_minor'])
      .select((eb) => {
        const outstanding = balance({
          charge: eb.ref('t.net_charged_minor'),
          cash: eb.ref('t.net_cash_minor'),
          writeOff: eb.ref('t.written_off_minor'),
        })
        const isMature = (age: CohortAge) =>
          isReached(plusDays(eb.ref('t.charged_on'), age), eb.ref('w.as_of'))
        const whenMature = (age: CohortAge, amount: Expression<number>) =>
          eb
            .case()
            .when(isMature(age))
            .then(
              euros(amount, {
                currency: eb.ref('f.currency'),
                exponent: eb.ref('unit.exponent'),
                rate: eb.ref('fx.rate'),
              }),
            )
            .end()
        const status = feeStatus({
          outstanding,
          charged: eb.ref('t.net_charged_minor'),
          cash: eb.ref('t.net_cash_minor'),
          writtenOff: eb.ref('t.written_off_minor'),
          lastDisputed: eb.ref('t.last_disputed_at'),
          lastDisputeClosed: eb.ref('t.last_dispute_closed_at'),
          sentToCollections: eb.ref('t.sent_to_collections_at'),
        })
        return [
          't.written_off_minor',
          outstanding.as('outstanding_minor'),
          status.as('status'),
          'f.replaces_fee_id',
          isMature(30).as('is_mature_30'),
          whenMature(30, eb.ref('t.principal_30_minor')).as('principal_30_eur'),
          whenMature(30, eb.ref('t.cash_30_minor')).as('cash_30_eur'),
          isMature(90).as('is_mature_90'),
          whenMature(90, eb.ref('t.principal_90_minor')).as('principal_90_eur'),
          whenMature(90, eb.ref('t.cash_90_minor')).as('cash_90_eur'),
          isMature(180).as('is_mature_180'),
          whenMature(180, eb.ref('t.principal_180_minor')).as('principal_180_eur'),
          whenMature(180, eb.ref('t.cash_180_minor')).as('cash_180_eur'),
        ]
      }),
  checks: [
    {
      name: 'cash comes after a charge',
      severity: 'warning',
      because:
        'Money without a charge is in the cash rate but in no cohort, or it paid another fee.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_fee_event as e')
          .leftJoin('mart.fact_fee as f', 'f.fee_id', 'e.fee_id')
          .where('e.cash_minor', '!=', 0)
          .where(({ or, eb }) =>
            or([
              eb('f.fee_id', 'is', null),
              eb('e.business_date', '<', eb.ref('f.charged_on').$notNull()),
            ]),
          )
          .select(['e.source', 'e.source_event_id', 'e.fee_id', 'e.business_date', 'f.charged_on']),
    },
    {
      name: 'no more is paid back than came in',
      severity: 'warning',
      because:
        'A refund of a fee that was never collected is a waiver, and lowers the recovery rate.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_fee')
          .where('net_cash_minor', '<', 0)
          .select(['fee_id', 'net_cash_minor']),
    },
    {
      name: 'no more is recovered than was written off',
      severity: 'warning',
      because:
        'Cash booked as recovered without a write-off leaves the fee open though it is paid.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_fee')
          .where('written_off_minor', '<', 0)
          .select(['fee_id', 'written_off_minor']),
    },
  ],
})
