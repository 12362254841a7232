import { type Expression, sql } from 'kysely'

import { model } from '#kit/asset.ts'
import { related } from '#kit/checks/related.ts'
import { rawContact } from '#pipelines/contacts/contact.ts'

import { plusDays } from '../calendar/days.ts'
import { refWatermark } from '../calendar/ref-watermark.ts'
import { holdsOn } from '../history.ts'
import { minorPerEuro } from '../money.ts'
import { dimMarketplace } from '../reference/dim-marketplace.ts'
import { dimReason } from '../reference/dim-reason.ts'
import { refCostPool } from '../reference/ref-cost-pool.ts'
import { refFxRate } from '../reference/ref-fx-rate.ts'
import { refMinorUnit } from '../reference/ref-minor-unit.ts'
import { contactRow } from './contact-row.ts'
import { idlePools, misallocated, withoutPool } from './cost-gaps.ts'
import { dated } from './dated.ts'
import { dimAgent } from './dim-agent.ts'
import { poolRates } from './pool-rates.ts'

/** Contacts about payments with what each cost and whether it settled its issue, one row a contact. */
export const factContact = model({
  name: 'mart.fact_contact',
  description: 'Contacts about payments, with what each cost and whether it settled its issue.',
  contract: contactRow,
  grain: ['source', 'source_event_id'],
  distributeBy: 'source_event_id',
  reads: [
    rawContact,
    dimMarketplace,
    dimReason,
    dimAgent,
    refCostPool,
    refFxRate,
    refMinorUnit,
    refWatermark,
  ],
  query: (db) =>
    db
      .with('contact', () => dated(db))
      .with('pool', (cte) => poolRates(cte))
      .selectFrom('contact as c')
      .innerJoin('mart.ref_watermark as mark', (join) => join.on('mark.feed', '=', 'contacts'))
      .leftJoin('mart.dim_agent as a', (join) =>
        join.onRef('a.agent_id', '=', 'c.agent_id').on(({ ref }) =>
          holdsOn(ref('c.business_date'), {
            counts_from: ref('a.counts_from'),
            valid_to: ref('a.valid_to'),
          }),
        ),
      )
      .leftJoin('pool', (join) =>
        join
          .on('c.is_handled', 'is', true)
          .onRef('pool.site', '=', 'c.site')
          .onRef('pool.channel', '=', 'c.channel')
          .onRef('pool.month', '<=', 'c.month')
          .on(({ eb, or, ref }) =>
            or([eb('pool.next_month', 'is', null), eb('pool.next_month', '>', ref('c.month'))]),
          ),
      )
      .leftJoin('mart.ref_minor_unit as unit', (join) =>
        join.on('unit.source', '=', 'cost_pool').onRef('unit.currency', '=', 'pool.currency'),
      )
      .leftJoin('mart.ref_fx_rate as fx', (join) =>
        join.onRef('fx.currency', '=', 'pool.currency').onRef('fx.day', '=', 'c.business_date'),
      )
      .select(['c.source', 'c.source_event_id', 'c.channel', 'c.direction', 'c.site', 'a.shore'])
      .select(['c.agent_id', 'a.agent_key', 'c.marketplace', 'c.customer_id', 'c.payment_id'])
      .select(['c.reason_code', 'c.reason_group', 'c.is_avoidable', 'c.offered_at'])
      .select(['c.answered_at', 'c.business_date', 'c.wait_seconds', 'c.talk_seconds'])
      .select(['c.hold_seconds', 'c.wrap_seconds', 'c.legs', 'c.is_spam', 'c.is_counted'])
      .select(['c.is_handled', 'c.handle_seconds'])
      .select((eb) => {
        const neighbour = (direction: 'lag' | 'lead') =>
          eb.fn
            .agg<string | null>(direction, ['c.offered_at'])
            .over((over) =>
              over
                .partitionBy(['c.customer_id', 'c.reason_group', 'c.is_counted'])
                .orderBy('c.offered_at')
                .orderBy('c.source_event_id')
                .orderBy('c.source'),
            )
        const offered = eb.ref('c.offered_at')
        const isPreceded = eb.fn.coalesce(
          eb(neighbour('lag'), '>', sevenDays(offered, '-')),
          eb.lit(false),
        )
        const isFollowed = eb.fn.coalesce(
          eb(neighbour('lead'), '<=', sevenDays(offered, '+')),
          eb.lit(false),
        )
        const isCounted = eb('c.is_counted', 'is', true)
        const isIssue = isCounted.and(eb.not(isPreceded))
        return [
          eb
            .case()
            .when('c.is_handled', 'is', false)
            .then(sql<string | null>`0`)
            // No pool was ever known for the site and channel.
            .when('pool.month', 'is', null)
            .then(sql<string>`0`)
            .else(
              shareOfPool(
                eb.ref('c.handle_seconds'),
                eb.ref('pool.cost_minor'),
                eb.ref('pool.handle_seconds'),
                minorPerEuro({
                  currency: eb.ref('pool.currency').$notNull(),
                  exponent: eb.ref('unit.exponent'),
                  rate: eb.ref('fx.rate'),
                }),
              ),
            )
            .end()
            .as('cost_eur'),
          eb
            .and([
              eb('c.is_handled', 'is', true),
              eb('pool.month', 'is distinct from', eb.ref('c.month')),
            ])
            .$castTo<boolean>()
            .as('is_cost_provisional'),
          isIssue.$castTo<boolean>().as('is_issue'),
          eb(plusDays(eb.ref('c.business_date'), 7), '<=', eb.ref('mark.as_of'))
            .$castTo<boolean>()
            .as('is_mature_7d'),
          isIssue.and(eb.not(isFollowed)).$castTo<boolean>().as('is_resolved_first'),
          isCounted.and(isPreceded).$castTo<boolean>().as('is_repeat_7d'),
        ]
      }),
  checks: [
    related('raw.contact', 'marketplace', {
      to: 'mart.dim_marketplace',
      name: 'every contact belongs to a marketplace we know',
      because:
        'Its business date needs the zone of the marketplace. The contacts of a marketplace ' +
        'without one would be left out, and its contact rate would be 0.',
      counted: 'contacts',
    }),
    {
      name: 'the allocated cost of a pool is the cost of the pool',
      severity: 'error',
      because:
        'Cost that no contact carries makes contacts look cheap; cost carried twice, dear. Each ' +
        'contact may be off by the last of its 10 digits, and the sum by as many of these.',
      broken: misallocated,
    },
    {
      name: 'every cost pool has handled contacts',
      severity: 'warning',
      because: 'The cost of a pool without contacts is in no contact and so in no KPI.',
      broken: idlePools,
    },
    {
      name: 'every handled contact has a cost pool',
      severity: 'warning',
      because: 'A site and channel that never had a pool costs nothing, and looks best of all.',
      broken: withoutPool,
    },
    {
      name: 'every contact cost has an exchange rate',
      severity: 'error',
      because: 'A cost without a rate would count as nothing, and the site abroad as free.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_contact')
          .where('cost_eur', 'is', null)
          .groupBy(['site', 'channel', 'business_date'])
          .select(({ fn }) => [
            'site',
            'channel',
            'business_date',
            fn.countAll<number>().as('contacts'),
          ]),
    },
    {
      name: 'every contact has a reason code we know',
      severity: 'warning',
      because:
        'All unknown codes are one group: two questions about different things within 7 days look ' +
        'like one issue that was not settled.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_contact')
          .where('reason_group', '=', 'unmapped')
          .groupBy('reason_code')
          .select(({ fn }) => ['reason_code', fn.countAll<number>().as('contacts')]),
    },
    {
      name: 'the agent of every contact is known',
      severity: 'warning',
      because: 'Without the agent a contact has no shore, and drops out when sites are compared.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_contact')
          .where('agent_id', 'is not', null)
          .where('agent_key', 'is', null)
          .groupBy('agent_id')
          .select(({ fn }) => ['agent_id', fn.countAll<number>().as('contacts')]),
    },
  ],
})

/** 168 hours before or after, also over a night when the clocks change. */
const sevenDays = (instant: Expression<string>, direction: '+' | '-') =>
  sql<string>`(${instant} ${sql.raw(direction)} interval '168 hours')`

/** Multiplied first and divided once, so only the last of 10 digits is rounded. */
const shareOfPool = (
  seconds: Expression<string>,
  poolMinor: Expression<number | null>,
  poolSeconds: Expression<string | null>,
  perEuro: Expression<string | null>,
) =>
  sql<string | null>`
    round((${seconds} * ${poolMinor})::numeric(38, 20) / (${poolSeconds} * ${perEuro}), 10)`
