import { model } from '#kit/asset.ts'
import { rawTarget } from '#pipelines/reference/target.ts'

/** Targets of the plan, by KPI, slice and period. */
export const refTarget = model({
  name: 'mart.ref_target',
  description: 'Targets of the plan, by KPI, slice, period and version.',
  contract: rawTarget.contract,
  grain: ['kpi', 'slice', 'period', 'version'],
  reads: [rawTarget],
  query: (db) => db.selectFrom('raw.target').select(['kpi', 'slice', 'period', 'value', 'version']),
})
