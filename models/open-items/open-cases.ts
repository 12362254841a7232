import { type Kysely, sql } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'

import { businessDate } from '../calendar/business-date.ts'
import { daysBetween, earliest } from '../calendar/days.ts'
import type { refWatermark } from '../calendar/ref-watermark.ts'
import type { factCaseCycle } from '../cases/fact-case-cycle.ts'
import type { dimMarketplace } from '../reference/dim-marketplace.ts'
import { caseBucket } from './buckets.ts'
import { snapshotDays } from './snapshot-days.ts'

type Cases = Kysely<DatabaseOf<[typeof factCaseCycle, typeof refWatermark, typeof dimMarketplace]>>

/** Cases with an open cycle at the end of each snapshot day. */
export const openCases = (db: Cases) =>
  db
    .selectFrom(openCycles(db).as('c'))
    .innerJoin('mart.ref_watermark as w', (join) =>
      join.on('w.feed', '=', 'cases').onRef('w.as_of', '>=', 'c.from_day'),
    )
    .crossJoinLateral(({ ref }) =>
      snapshotDays({
        from: ref('c.from_day'),
        until: ref('c.until_day'),
        asOf: ref('w.as_of'),
      }).as('snapshot'),
    )
    .select(({ ref }) => {
      const age = daysBetween(ref('c.from_day'), ref('snapshot.day'))
      return [
        'snapshot.day as snapshot_date',
        sql<'fee' | 'case'>`'case'`.as('item_type'),
        'c.case_id as item_id',
        'c.marketplace',
        sql<string | null>`null`.as('category'),
        sql<string | null>`null`.as('fee_kind'),
        sql<string | null>`${ref('c.queue')}`.as('queue'),
        sql<string | null>`null`.as('currency'),
        age.as('age_days'),
        sql<number | null>`null::int4`.as('days_past_due'),
        caseBucket(age).as('bucket'),
        sql<number | null>`null::int8`.as('balance_minor'),
        sql<string | null>`null::numeric`.as('balance_eur'),
        sql<boolean>`false`.as('is_disputed'),
      ]
    })

/** The days each cycle was open. The next cycle of the case ends it too: a case is open once. */
const openCycles = (db: Cases) =>
  db
    .selectFrom('mart.fact_case_cycle as c')
    .innerJoin('mart.dim_marketplace as m', 'm.marketplace', 'c.marketplace')
    .select(({ ref, fn }) => [
      'c.case_id',
      'c.marketplace',
      'c.queue',
      'c.started_on as from_day',
      earliest(
        ref('c.decided_on'),
        businessDate(ref('c.left_at').$notNull(), ref('m.zone')),
        fn
          .agg<string | null>('lead', ['c.started_on'])
          .over((over) => over.partitionBy('c.case_id').orderBy('c.cycle_no')),
      ).as('until_day'),
    ])
