import type { QueryCreator } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'

import type { refCostPool } from '../reference/ref-cost-pool.ts'

/** What of a contact decides about its share of a pool. */
interface Effort {
  month: string
  site: string | null
  channel: 'voice' | 'chat' | 'email' | 'bot'
  is_handled: boolean
  handle_seconds: string
}

type Reads = DatabaseOf<[typeof refCostPool]> & { contact: Effort }

/**
 * Each cost pool with the handle seconds its cost is spread over, and the month of the next pool of
 * the same site and channel: until then it is the newest known rate. A pool without handled
 * contacts has no rate.
 */
export const poolRates = (db: QueryCreator<Reads>) =>
  db
    .selectFrom('mart.ref_cost_pool as pool')
    .innerJoin(
      db
        .selectFrom('contact')
        .where('is_handled', 'is', true)
        .groupBy(['month', 'site', 'channel'])
        .select(['month', 'site', 'channel'])
        .select(({ fn }) => fn.sum<string>('handle_seconds').as('handle_seconds'))
        .as('handled'),
      (join) =>
        join
          .onRef('handled.month', '=', 'pool.month')
          .onRef('handled.site', '=', 'pool.site')
          .onRef('handled.channel', '=', 'pool.channel'),
    )
    .where('handled.handle_seconds', '>', '0')
    .select(['pool.month', 'pool.site', 'pool.channel', 'pool.cost_minor', 'pool.currency'])
    .select(({ fn }) => [
      'handled.handle_seconds',
      fn
        .agg<string | null>('lead', ['pool.month'])
        .over((over) => over.partitionBy(['pool.site', 'pool.channel']).orderBy('pool.month'))
        .as('next_month'),
    ])
