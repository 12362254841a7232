import { type Kysely, sql } from 'kysely'
import * as z from 'zod'

import { type DatabaseOf, model } from '#kit/asset.ts'
import { related } from '#kit/checks/related.ts'
import { day, decimal, flag, text } from '#kit/columns.ts'
import { daily } from '#kit/partitions/dimension.ts'
import { inSlice } from '#kit/partitions/in-slice.ts'
import { mapped, window } from '#kit/partitions/mapping.ts'
import type { Slice } from '#kit/partitions/slice.ts'
import { rawPaymentEvent } from '#pipelines/payments/payment-event.ts'

import { businessDate } from '../calendar/business-date.ts'
import { euros } from '../money.ts'
import { dimMarketplace } from '../reference/dim-marketplace.ts'
import { dimReason } from '../reference/dim-reason.ts'
import { refFxRate } from '../reference/ref-fx-rate.ts'
import { refMinorUnit } from '../reference/ref-minor-unit.ts'

const event = rawPaymentEvent.contract.shape

/** A business date lies across two days of Universal Time, east or west of it. */
const oneDayAround = window(1, 1)

/** Payment attempts, captures and refunds on their business date, one row an event. */
export const factPaymentEvent = model({
  name: 'mart.fact_payment_event',
  description: 'Payment attempts, captures and refunds on their business date, one row an event.',
  contract: z.object({
    source: event.source,
    source_event_id: event.source_event_id,
    payment_id: event.payment_id,
    event_type: event.event_type,
    attempt_no: event.attempt_no,
    business_date: day().describe("Local date of the event in the marketplace's zone"),
    occurred_at: event.occurred_at,
    recorded_at: event.recorded_at,
    marketplace: event.marketplace,
    partner: event.partner,
    method: event.method,
    outcome: event.outcome,
    reason_code: event.reason_code,
    decline_group: text()
      .nullable()
      .describe('Group of the decline; unmapped: the code is unknown; empty: not a decline'),
    is_submitted: flag().describe(
      'Whether the attempt reached the network: not blocked, 3DS completed, not a verification of 0',
    ),
    amount_minor: event.amount_minor,
    currency: event.currency,
    amount_eur: decimal().nullable().describe('amount_minor at the rate of the business date'),
  }),
  grain: ['source', 'source_event_id'],
  distributeBy: 'source_event_id',
  reads: [
    mapped(rawPaymentEvent, oneDayAround),
    dimMarketplace,
    dimReason,
    refMinorUnit,
    refFxRate,
  ],
  partitionedBy: { business_date: daily() },
  query: (db, slice) =>
    db
      .selectFrom(dated(db, slice).as('e'))
      .leftJoin('mart.dim_reason as r', (join) =>
        join.on('r.domain', '=', 'decline').onRef('r.reason_code', '=', 'e.reason_code'),
      )
      .leftJoin('mart.ref_minor_unit as unit', (join) =>
        join.onRef('unit.source', '=', 'e.source').onRef('unit.currency', '=', 'e.currency'),
      )
      .leftJoin('mart.ref_fx_rate as fx', (join) =>
        join.onRef('fx.currency', '=', 'e.currency').onRef('fx.day', '=', 'e.business_date'),
      )
      .select(['e.source', 'e.source_event_id', 'e.payment_id', 'e.event_type', 'e.attempt_no'])
      .select(['e.business_date', 'e.occurred_at', 'e.recorded_at', 'e.marketplace', 'e.partner'])
      .select(['e.method', 'e.outcome', 'e.reason_code', 'e.amount_minor', 'e.currency'])
      .select((eb) => {
        const isErrorWithoutCode = eb('e.outcome', '=', 'error').and('e.reason_code', 'is', null)
        const isDecline = eb('e.outcome', 'in', ['declined', 'error'])
        const reachedNetwork = eb.and([
          eb('e.event_type', '=', 'attempt'),
          eb('e.outcome', 'in', ['authorised', 'declined', 'error']),
          eb('e.amount_minor', '>', 0),
        ])
        return [
          eb
            .case()
            .when(isErrorWithoutCode)
            .then(sql.lit('technical'))
            .when(isDecline)
            .then(eb.fn.coalesce('r.reason_group', sql.lit('unmapped')))
            .end()
            .as('decline_group'),
          eb.fn.coalesce(reachedNetwork, eb.lit(false)).$castTo<boolean>().as('is_submitted'),
          euros(eb.ref('e.amount_minor'), {
            currency: eb.ref('e.currency'),
            exponent: eb.ref('unit.exponent'),
            rate: eb.ref('fx.rate'),
          }).as('amount_eur'),
        ]
      }),
  checks: [
    related('raw.payment_event', 'marketplace', {
      to: 'mart.dim_marketplace',
      slice: { instant: 'occurred_at' },
      name: 'every payment event belongs to a marketplace we know',
      because:
        'Its business date needs the zone of the marketplace. The events of a marketplace without ' +
        'one would be left out, and every rate would still look sound.',
      counted: 'events',
    }),
    {
      name: 'every payment event has an exchange rate',
      severity: 'error',
      because: 'An amount without a rate would count as nothing in every rate by value.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_payment_event')
          .where('amount_eur', 'is', null)
          .groupBy(['currency', 'business_date'])
          .select(({ fn }) => ['currency', 'business_date', fn.countAll<number>().as('events')]),
    },
    {
      name: 'every decline has a reason code we know',
      severity: 'warning',
      because:
        'An unknown code counts as unmapped: the declines of a new code of a partner are missing ' +
        'from the group they belong to.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_payment_event')
          .where('decline_group', '=', 'unmapped')
          .groupBy(['partner', 'reason_code'])
          .select(({ fn }) => ['partner', 'reason_code', fn.countAll<number>().as('declines')]),
    },
    {
      name: 'the digits of every currency of a source are known',
      severity: 'warning',
      because:
        'Without them 2 digits are assumed (0 for JPY); a source that writes another number of ' +
        'digits is then wrong by a factor of 100.',
      broken: (db) =>
        db
          .with('written', (cte) =>
            cte
              .selectFrom('mart.fact_payment_event')
              .groupBy(['source', 'currency'])
              .select(({ fn }) => ['source', 'currency', fn.countAll<number>().as('events')]),
          )
          .selectFrom('written as w')
          .leftJoin('mart.ref_minor_unit as unit', (join) =>
            join.onRef('unit.source', '=', 'w.source').onRef('unit.currency', '=', 'w.currency'),
          )
          .where('unit.exponent', 'is', null)
          .select(['w.source', 'w.currency', 'w.events']),
    },
  ],
})

/** The events with their business date, at least those of the slice. */
const dated = (
  db: Kysely<DatabaseOf<[typeof rawPaymentEvent, typeof dimMarketplace]>>,
  slice: Slice,
) =>
  db
    .selectFrom('raw.payment_event as e')
    .innerJoin('mart.dim_marketplace as m', 'm.marketplace', 'e.marketplace')
    .selectAll('e')
    .where(({ ref }) => inSlice({ instant: ref('e.occurred_at') }, slice, { marginDays: 1 }))
    .select(({ ref }) => businessDate(ref('e.occurred_at'), ref('m.zone')).as('business_date'))
    // Skips nothing: without it Postgres works the date out twice a row, a fifth of the time.
    .offset(sql.lit(0))
