import { model } from '#kit/asset.ts'
import { rawMarketplace } from '#pipelines/reference/marketplace.ts'

/** The marketplaces, each with the zone its business dates are in. */
export const dimMarketplace = model({
  name: 'mart.dim_marketplace',
  description: 'Marketplaces: country, currency, zone of the business dates and launch.',
  contract: rawMarketplace.contract,
  grain: ['marketplace'],
  reads: [rawMarketplace],
  query: (db) =>
    db
      .selectFrom('raw.marketplace')
      .select(['marketplace', 'country', 'currency', 'zone', 'launched_on']),
})
