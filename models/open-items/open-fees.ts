import { type Kysely, sql } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'
import type { rawFee } from '#pipelines/fees/fee.ts'

import { daysBetween } from '../calendar/days.ts'
import type { refWatermark } from '../calendar/ref-watermark.ts'
import { balance } from '../fees/balance.ts'
import type { factFeeEvent } from '../fees/fact-fee-event.ts'
import { isOpenDispute } from '../fees/fee-status.ts'
import { euros } from '../money.ts'
import type { refFxRate } from '../reference/ref-fx-rate.ts'
import type { refMinorUnit } from '../reference/ref-minor-unit.ts'
import { feeBucket } from './buckets.ts'
import { snapshotDays } from './snapshot-days.ts'

type Fees = Kysely<
  DatabaseOf<
    [typeof factFeeEvent, typeof rawFee, typeof refWatermark, typeof refMinorUnit, typeof refFxRate]
  >
>

/** Fees with a balance on each snapshot day, valued at that day's rate. */
export const openFees = (db: Fees) =>
  db
    .selectFrom(balances(db).as('b'))
    .where('b.balance_minor', '!=', 0)
    .innerJoin('mart.ref_watermark as w', (join) =>
      join.on('w.feed', '=', 'fees').onRef('w.as_of', '>=', 'b.from_day'),
    )
    .crossJoinLateral(({ ref }) =>
      snapshotDays({
        from: ref('b.from_day'),
        until: ref('b.until_day'),
        asOf: ref('w.as_of'),
      }).as('snapshot'),
    )
    .innerJoin('raw.fee as f', 'f.fee_id', 'b.fee_id')
    .leftJoin('mart.ref_minor_unit as unit', (join) =>
      join.onRef('unit.source', '=', 'f.source').onRef('unit.currency', '=', 'f.currency'),
    )
    .leftJoin('mart.ref_fx_rate as fx', (join) =>
      join.onRef('fx.day', '=', 'snapshot.day').onRef('fx.currency', '=', 'f.currency'),
    )
    .select(({ ref }) => {
      const daysPastDue = daysBetween(ref('f.due_on'), ref('snapshot.day'))
      return [
        'snapshot.day as snapshot_date',
        sql<'fee' | 'case'>`'fee'`.as('item_type'),
        'b.fee_id as item_id',
        'f.marketplace',
        sql<string | null>`${ref('f.category')}`.as('category'),
        sql<string | null>`${ref('f.fee_kind')}`.as('fee_kind'),
        sql<string | null>`null::text`.as('queue'),
        sql<string | null>`${ref('f.currency')}`.as('currency'),
        daysBetween(ref('b.opened_on'), ref('snapshot.day')).as('age_days'),
        sql<number | null>`${daysPastDue}`.as('days_past_due'),
        feeBucket(ref('b.balance_minor'), daysPastDue).as('bucket'),
        sql<number | null>`${ref('b.balance_minor')}`.as('balance_minor'),
        euros(ref('b.balance_minor'), {
          currency: ref('f.currency'),
          exponent: ref('unit.exponent'),
          rate: ref('fx.rate'),
        }).as('balance_eur'),
        'b.is_disputed',
      ]
    })

/** A fee's balance from each day that changed it until the next one; both may be the same balance. */
const balances = (db: Fees) =>
  db.selectFrom(dailyChanges(db).as('d')).select((eb) => {
    const soFar = <T>(
      aggregate: 'sum' | 'min' | 'max',
      column: 'change_minor' | 'day' | 'disputed_at' | 'dispute_closed_at',
    ) =>
      eb.fn
        .agg<T>(aggregate, [`d.${column}`])
        .over((over) => over.partitionBy('d.fee_id').orderBy('d.day'))
    return [
      'd.fee_id',
      'd.day as from_day',
      eb.fn
        .agg<string | null>('lead', ['d.day'])
        .over((over) => over.partitionBy('d.fee_id').orderBy('d.day'))
        .as('until_day'),
      soFar<string>('min', 'day').as('opened_on'),
      eb.cast<number>(soFar<string>('sum', 'change_minor'), 'int8').as('balance_minor'),
      isOpenDispute(soFar('max', 'disputed_at'), soFar('max', 'dispute_closed_at')).as(
        'is_disputed',
      ),
    ]
  })

/** What a day's events changed of a fee's balance: charge less cash less write-off. */
const dailyChanges = (db: Fees) =>
  db
    .selectFrom('mart.fact_fee_event')
    .groupBy(['fee_id', 'business_date'])
    .select(({ fn, ref }) => [
      'fee_id',
      'business_date as day',
      fn
        .sum<number>(
          balance({
            charge: ref('charge_minor'),
            cash: ref('cash_minor'),
            writeOff: ref('write_off_minor'),
          }),
        )
        .as('change_minor'),
      fn.max('occurred_at').filterWhere('event_type', '=', 'disputed').as('disputed_at'),
      fn
        .max('occurred_at')
        .filterWhere('event_type', '=', 'dispute_closed')
        .as('dispute_closed_at'),
    ])
