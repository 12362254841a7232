import { type Kysely, sql } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'

import { daysBetween } from '../calendar/days.ts'
import type { factFeeEvent } from './fact-fee-event.ts'

/** Ages in days at which a cohort's recovery is measured. */
export type CohortAge = 30 | 90 | 180

/** What the events of each charged fee add up to, and when each thing first happened to it. */
export const feeTotals = (db: Kysely<DatabaseOf<[typeof factFeeEvent]>>) =>
  db
    .selectFrom(runningTotals(db).as('e'))
    .groupBy('e.fee_id')
    // Money that came before any charge has no cohort.
    .having(({ eb, fn }) => eb(fn.min('e.charged_on'), 'is not', null))
    .select((eb) => {
      const first = (
        ...types: ('collected' | 'recovered' | 'disputed' | 'refunded' | 'written_off')[]
      ) => eb.fn.min('e.business_date').filterWhere('e.event_type', 'in', types)
      const last = (type: 'disputed' | 'dispute_closed' | 'sent_to_collections') =>
        eb.fn.max('e.occurred_at').filterWhere('e.event_type', '=', type)
      const sum = (column: 'charge' | 'principal' | 'cash' | 'write_off') =>
        eb.fn.sum<number>(`e.${column}_minor`)
      // What came before the charge counts at any age.
      const age = eb.fn.coalesce(
        daysBetween(eb.ref('e.charged_on').$notNull(), eb.ref('e.business_date')),
        sql.lit(0),
      )
      const sumAtAge = (column: 'principal' | 'cash', days: CohortAge) =>
        sum(column).filterWhere(age, '<=', days)
      const whole = (total: ReturnType<typeof sum>) =>
        eb.cast<number>(eb.fn.coalesce(total, sql.lit(0)), 'int8')

      return [
        'e.fee_id',
        eb.fn.min('e.charged_on').as('charged_on'),
        first('collected', 'recovered').as('first_collected_on'),
        eb.fn
          .min('e.business_date')
          .filterWhere('e.cash_so_far', '>', 0)
          .filterWhereRef('e.cash_so_far', '>=', 'e.principal_so_far')
          .as('fully_collected_on'),
        first('disputed').as('disputed_on'),
        first('refunded').as('refunded_on'),
        first('written_off').as('written_off_on'),
        whole(sum('charge')).as('net_charged_minor'),
        whole(sum('principal')).as('principal_minor'),
        whole(sum('cash')).as('net_cash_minor'),
        whole(sum('write_off')).as('written_off_minor'),
        last('disputed').as('last_disputed_at'),
        last('dispute_closed').as('last_dispute_closed_at'),
        last('sent_to_collections').as('sent_to_collections_at'),
        whole(sumAtAge('principal', 30)).as('principal_30_minor'),
        whole(sumAtAge('principal', 90)).as('principal_90_minor'),
        whole(sumAtAge('principal', 180)).as('principal_180_minor'),
        whole(sumAtAge('cash', 30)).as('cash_30_minor'),
        whole(sumAtAge('cash', 90)).as('cash_90_minor'),
        whole(sumAtAge('cash', 180)).as('cash_180_minor'),
      ]
    })

/** The fee events, each with what is known of its fee at the end of its day. */
const runningTotals = (db: Kysely<DatabaseOf<[typeof factFeeEvent]>>) =>
  db
    .selectFrom('mart.fact_fee_event')
    .select(['fee_id', 'event_type', 'business_date', 'occurred_at'])
    .select(['charge_minor', 'principal_minor', 'cash_minor', 'write_off_minor'])
    .select(({ fn }) => [
      fn
        .min('business_date')
        .filterWhere('event_type', '=', 'charged')
        .over((over) => over.partitionBy('fee_id').orderBy('business_date'))
        .as('charged_on'),
      fn
        .sum<number>('cash_minor')
        .over((over) => over.partitionBy('fee_id').orderBy('business_date'))
        .as('cash_so_far'),
      fn
        .sum<number>('principal_minor')
        .over((over) => over.partitionBy('fee_id').orderBy('business_date'))
        .as('principal_so_far'),
    ])
