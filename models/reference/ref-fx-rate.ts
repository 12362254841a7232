import { sql } from 'kysely'

import { model } from '#kit/asset.ts'
import { code, day } from '#kit/columns.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'

import { eachDay, earliest, latest, plusDays } from '../calendar/days.ts'
import { fixed } from './fixed-rates.ts'

/** A rate holds on the days without a publication after it, but not longer: a dead currency ends. */
const carriedDays = 7

const publishers = ['ecb', 'demo', 'fixed'] as const
type Publisher = (typeof publishers)[number]

/** Units of a currency for one euro on any calendar day, weekends included. */
export const refFxRate = model({
  name: 'mart.ref_fx_rate',
  description:
    'Units of each currency for one euro on every calendar day: published that day, else the last ' +
    'publication of the 7 days before; the fixed rate once the euro replaced it.',
  contract: rawFxRate.contract.omit({ source: true }).extend({
    day: day().describe('The day the rate is for'),
    published_on: day().describe('The day it was published; the day itself when it is fixed'),
    source: code(publishers).describe('Who published it; fixed: the euro and its entrants'),
  }),
  grain: ['day', 'currency'],
  reads: [rawFxRate],
  query: (db) =>
    db
      .with('published', () =>
        db
          .selectFrom('raw.fx_rate')
          .distinctOn(['currency', 'day'])
          .select(['currency', 'day', 'rate', 'source'])
          .orderBy('currency')
          .orderBy('day')
          // Descending: ecb is believed before demo.
          .orderBy('source', 'desc'),
      )
      .with('span', (cte) =>
        cte
          .selectFrom('published')
          .select(({ fn, ref }) => [
            fn.min('day').as('first_day'),
            fn.max<string>(plusDays(ref('day'), carriedDays)).as('last_day'),
          ]),
      )
      .with('holding', (cte) =>
        cte
          .selectFrom('published as p')
          .leftJoin(fixed, 'fixed.currency', 'p.currency')
          .select(({ ref, fn }) => [
            'p.currency',
            'p.rate',
            'p.source',
            'p.day as first_day',
            earliest(
              plusDays(ref('p.day'), carriedDays),
              plusDays(
                fn
                  .agg<string>('lead', ['p.day'])
                  .over((over) => over.partitionBy('p.currency').orderBy('p.day')),
                -1,
              ),
              plusDays(ref('fixed.joined_on').$notNull(), -1),
            ).as('last_day'),
          ]),
      )
      .selectFrom('holding as h')
      .crossJoinLateral(({ ref }) => eachDay(ref('h.first_day'), ref('h.last_day')).as('d'))
      .select(['d.day', 'h.currency', 'h.rate', 'h.first_day as published_on'])
      .select(({ ref }) => sql<Publisher>`${ref('h.source')}`.as('source'))
      .unionAll(({ selectFrom }) =>
        selectFrom('span')
          .innerJoin(fixed, (join) => join.onTrue())
          .crossJoinLateral(({ ref }) =>
            eachDay(latest(ref('span.first_day'), ref('fixed.joined_on')), ref('span.last_day')).as(
              'd',
            ),
          )
          .select(['d.day', 'fixed.currency', 'fixed.rate', 'd.day as published_on'])
          .select(sql<Publisher>`'fixed'`.as('source')),
      ),
})
