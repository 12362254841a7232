import { type Kysely, sql } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'

import type { refWatermark } from '../calendar/ref-watermark.ts'
import { balance } from '../fees/balance.ts'
import type { factFeeEvent } from '../fees/fact-fee-event.ts'

interface Snapshot {
  'mart.fact_open_item_snapshot': {
    snapshot_date: string
    item_type: 'fee' | 'case'
    currency: string | null
    balance_minor: number | null
  }
}

/** Both sides of the books at the as-of day: each event's change, and each open balance negated. */
export const ledgerAndSnapshot = (
  db: Kysely<DatabaseOf<[typeof factFeeEvent, typeof refWatermark]> & Snapshot>,
) =>
  db
    .selectFrom('mart.fact_fee_event as e')
    .innerJoin('mart.ref_watermark as w', (join) =>
      join.on('w.feed', '=', 'fees').onRef('e.business_date', '<=', 'w.as_of'),
    )
    .select(({ ref }) => [
      sql<string | null>`${ref('e.currency')}`.as('currency'),
      sql<number | null>`${balance({
        charge: ref('e.charge_minor'),
        cash: ref('e.cash_minor'),
        writeOff: ref('e.write_off_minor'),
      })}`.as('minor'),
    ])
    .unionAll(({ selectFrom }) =>
      selectFrom('mart.fact_open_item_snapshot as s')
        .innerJoin('mart.ref_watermark as w', (join) =>
          join.on('w.feed', '=', 'fees').onRef('s.snapshot_date', '=', 'w.as_of'),
        )
        .where('s.item_type', '=', 'fee')
        .select(({ neg, ref }) => ['s.currency', neg(ref('s.balance_minor')).as('minor')]),
    )
