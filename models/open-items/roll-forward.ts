import { type Kysely, sql } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'
import { sumsAgree } from '#kit/checks/sums-agree.ts'

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

/** Both sides of the books at the as-of day, in the minor units of each currency. */
export const balancesRollForward = sumsAgree({
  name: 'balances roll forward: all charges less cash less write-offs are the open balances',
  because: 'A fee that drops out of the snapshot is money nobody asks for any more.',
  by: ['currency'],
  left: (db: Kysely<DatabaseOf<[typeof factFeeEvent, typeof refWatermark]>>) =>
    db
      .selectFrom('mart.fact_fee_event as e')
      .innerJoin('mart.ref_watermark as w', (join) =>
        join.on('w.feed', '=', 'fees').onRef('e.business_date', '<=', 'w.as_of'),
      )
      .select(({ ref }) => [
        'e.currency',
        sql<number>`${balance({
          charge: ref('e.charge_minor'),
          cash: ref('e.cash_minor'),
          writeOff: ref('e.write_off_minor'),
        })}`.as('amount'),
      ]),
  right: (db: Kysely<DatabaseOf<[typeof refWatermark]> & Snapshot>) =>
    db
      .selectFrom('mart.fact_open_item_snapshot as s')
      .innerJoin('mart.ref_watermark as w', (join) =>
        join.on('w.feed', '=', 'fees').onRef('s.snapshot_date', '=', 'w.as_of'),
      )
      .where('s.item_type', '=', 'fee')
      .select(['s.currency', 's.balance_minor as amount']),
  called: ['ledger', 'snapshot'],
})
