import { type AnyDatabase, model } from '#kit/asset.ts'
import { type Kysely, sql } from 'kysely'

import { numbers } from './kit.ts'

export const feed = numbers('raw.feed')

/** A table whose query naps as many seconds as the one row of raw.nap says. */
export const napping = model({
  name: 'mart.napping',
  description: 'Numbers, after a nap.',
  contract: feed.contract,
  grain: ['n'],
  reads: [feed],
  query: (db: Kysely<AnyDatabase>) =>
    db
      .selectFrom('raw.feed')
      .where(sql<boolean>`(select pg_sleep(n)::text from raw.nap) = ''`)
      .select('n'),
})
