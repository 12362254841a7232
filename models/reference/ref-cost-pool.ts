import { model } from '#kit/asset.ts'
import { rawCostPool } from '#pipelines/reference/cost-pool.ts'

/** What a site's channel cost in a month, fully loaded. */
export const refCostPool = model({
  name: 'mart.ref_cost_pool',
  description: "What a site's channel cost in a month, fully loaded.",
  contract: rawCostPool.contract,
  grain: ['month', 'site', 'channel'],
  reads: [rawCostPool],
  query: (db) =>
    db.selectFrom('raw.cost_pool').select(['month', 'site', 'channel', 'cost_minor', 'currency']),
})
