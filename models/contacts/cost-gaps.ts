import { type Kysely, sql } from 'kysely'

import type { DatabaseOf, Readable } from '#kit/asset.ts'

import { minorPerEuro } from '../money.ts'
import type { refCostPool } from '../reference/ref-cost-pool.ts'
import type { refFxRate } from '../reference/ref-fx-rate.ts'
import type { refMinorUnit } from '../reference/ref-minor-unit.ts'
import type { contactRow } from './contact-row.ts'
import { monthOf } from './dated.ts'

type Contacts = Readable<'mart.fact_contact', typeof contactRow>
type Reads = DatabaseOf<[Contacts, typeof refCostPool, typeof refFxRate, typeof refMinorUnit]>

/** The cost pools whose contacts carry another sum. Each contact may be off by the last of its 10 digits. */
export const misallocated = (db: Kysely<Reads>) =>
  db
    .with('allocated', (cte) =>
      cte
        .selectFrom('mart.fact_contact as c')
        .innerJoin('mart.ref_cost_pool as pool', (join) =>
          join
            .onRef('pool.site', '=', 'c.site')
            .onRef('pool.channel', '=', 'c.channel')
            .on(({ eb, ref }) => eb('pool.month', '=', monthOf(ref('c.business_date')))),
        )
        .leftJoin('mart.ref_minor_unit as unit', (join) =>
          join.on('unit.source', '=', 'cost_pool').onRef('unit.currency', '=', 'pool.currency'),
        )
        .leftJoin('mart.ref_fx_rate as fx', (join) =>
          join.onRef('fx.currency', '=', 'pool.currency').onRef('fx.day', '=', 'c.business_date'),
        )
        .where('c.handle_seconds', '>', '0')
        .groupBy(['pool.month', 'pool.site', 'pool.channel', 'pool.cost_minor'])
        .select(['pool.month', 'pool.site', 'pool.channel', 'pool.cost_minor'])
        .select(({ eb, fn, ref }) => {
          const rate = minorPerEuro({
            currency: ref('pool.currency'),
            exponent: ref('unit.exponent'),
            rate: ref('fx.rate'),
          })
          return [
            fn.sum<string>(sql`${ref('c.cost_eur')} * ${rate}`).as('allocated_minor'),
            fn.sum<string>(eb(rate, '*', lastDigit)).as('tolerance_minor'),
          ]
        }),
    )
    .selectFrom('allocated')
    .where(({ eb, ref }) =>
      eb(sql`abs(${ref('allocated_minor')} - ${ref('cost_minor')})`, '>', ref('tolerance_minor')),
    )
    .selectAll()

/** The cost pools of which no handled contact took a part. */
export const idlePools = (db: Kysely<Reads>) =>
  db
    .selectFrom('mart.ref_cost_pool as pool')
    .leftJoin(
      (eb) =>
        eb
          .selectFrom('mart.fact_contact')
          .where('handle_seconds', '>', '0')
          .select(['site', 'channel'])
          .select(({ ref }) => monthOf(ref('business_date')).as('month'))
          .distinct()
          .as('handled'),
      (join) =>
        join
          .onRef('handled.month', '=', 'pool.month')
          .onRef('handled.site', '=', 'pool.site')
          .onRef('handled.channel', '=', 'pool.channel'),
    )
    .where('handled.month', 'is', null)
    .where('pool.cost_minor', '!=', 0)
    .select(['pool.month', 'pool.site', 'pool.channel', 'pool.cost_minor', 'pool.currency'])

/** The handled contacts of sites and channels that never had a pool. */
export const withoutPool = (db: Kysely<Reads>) =>
  db
    .selectFrom('mart.fact_contact as c')
    .leftJoin('mart.ref_cost_pool as pool', (join) =>
      join
        .onRef('pool.site', '=', 'c.site')
        .onRef('pool.channel', '=', 'c.channel')
        .on(({ eb, ref }) => eb('pool.month', '<=', monthOf(ref('c.business_date')))),
    )
    .where('c.handle_seconds', '>', '0')
    .where('pool.month', 'is', null)
    .groupBy(['c.site', 'c.channel'])
    .select(({ fn }) => ['c.site', 'c.channel', fn.countAll<number>().as('contacts')])

const lastDigit = sql<string>`0.0000000001`
