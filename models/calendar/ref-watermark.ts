import { sql } from 'kysely'
import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { code, day, instant } from '#kit/columns.ts'
import { rawCaseEvent } from '#pipelines/cases/case-event.ts'
import { rawContact } from '#pipelines/contacts/contact.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { rawPaymentEvent } from '#pipelines/payments/payment-event.ts'

import { dimMarketplace } from '../reference/dim-marketplace.ts'
import { businessDate } from './business-date.ts'
import { mondayOf, plusDays } from './days.ts'

const feeds = ['fees', 'payments', 'cases', 'contacts'] as const

/** How far each feed family has been recorded, and which days and weeks are therefore complete. */
export const refWatermark = model({
  name: 'mart.ref_watermark',
  description: 'How far each feed family is recorded, and which days and weeks are complete.',
  contract: z.object({
    feed: code(feeds).describe('Feed family'),
    recorded_through: instant().describe('When its newest event was recorded'),
    as_of: day().describe('Last business day that has ended in every marketplace'),
    last_complete_week: day().describe(
      'Monday of the last week that ended 48 h before, everywhere',
    ),
  }),
  grain: ['feed'],
  reads: [rawFeeEvent, rawPaymentEvent, rawCaseEvent, rawContact, dimMarketplace],
  query: (db) =>
    db
      .with('recorded', () =>
        db
          .selectFrom('raw.fee_event')
          .select(({ fn }) => [family('fees'), fn.max('recorded_at').as('recorded_through')])
          .unionAll(
            db
              .selectFrom('raw.payment_event')
              .select(({ fn }) => [
                family('payments'),
                fn.max('recorded_at').as('recorded_through'),
              ]),
          )
          .unionAll(
            db
              .selectFrom('raw.case_event')
              .select(({ fn }) => [family('cases'), fn.max('recorded_at').as('recorded_through')]),
          )
          .unionAll(
            db
              .selectFrom('raw.contact')
              .select(({ fn }) => [
                family('contacts'),
                fn.max('recorded_at').as('recorded_through'),
              ]),
          ),
      )
      .selectFrom('recorded')
      // A feed without events has no watermark.
      .where('recorded_through', 'is not', null)
      .innerJoin('mart.dim_marketplace as m', (join) => join.onTrue())
      .groupBy(['feed', 'recorded_through'])
      .select(({ fn, ref }) => {
        const settled = sql<string>`(${ref('recorded_through')} - interval '48 hours')`
        const today = businessDate(ref('recorded_through'), ref('m.zone'))
        const settledDay = businessDate(settled, ref('m.zone'))
        return [
          'feed',
          'recorded_through',
          fn.min<string>(plusDays(today, -1)).as('as_of'),
          fn.min<string>(plusDays(mondayOf(settledDay), -7)).as('last_complete_week'),
        ]
      }),
})

const family = (feed: (typeof feeds)[number]) =>
  sql<(typeof feeds)[number]>`${sql.lit(feed)}`.as('feed')
