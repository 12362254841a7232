import { sql } from 'kysely'
import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { text } from '#kit/columns.ts'
import { rawSeller } from '#pipelines/reference/seller.ts'

import { held, heldColumns } from '../history.ts'

const { seller_id, tier, country, registration_status } = rawSeller.contract.shape

/** Sellers as they were from a day on: one row a change. */
export const dimSeller = model({
  name: 'mart.dim_seller',
  description: 'Sellers with their history: one row for each change of tier, country or status.',
  contract: z.object({
    seller_key: text().describe('seller_id@valid_from: the seller as of then'),
    seller_id,
    ...heldColumns,
    tier,
    country,
    registration_status,
  }),
  grain: ['seller_key'],
  reads: [rawSeller],
  query: (db) =>
    db
      .selectFrom('raw.seller as s')
      .select(({ ref }) => [
        sql<string>`${ref('s.seller_id')} || '@' || ${ref('s.valid_from')}`.as('seller_key'),
        's.seller_id',
        's.valid_from',
        ...held(ref('s.seller_id'), ref('s.valid_from')),
        's.tier',
        's.country',
        's.registration_status',
      ]),
})
