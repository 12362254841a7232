import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { decimal, text } from '#kit/columns.ts'

/** Targets of the plan, by KPI, slice and period. */
export const rawTarget = source({
  name: 'raw.target',
  description: 'Targets of the plan, by KPI, slice and period.',
  contract: z.object({
    kpi: text(60).describe('Name of the KPI'),
    slice: text(60).describe('all, or a slice such as marketplace=DE'),
    period: text(10).describe('Year or quarter such as 2026 or 2026-Q4'),
    value: decimal().describe("Target in the KPI's unit; rates as fractions"),
    version: text(20).describe('Version of the plan'),
  }),
  grain: ['kpi', 'slice', 'period', 'version'],
  tags: ['reference'],
  example: {
    kpi: 'recovery_cohort_rate_90d',
    slice: 'all',
    period: '2026',
    value: '0.85',
    version: 'plan-1',
  },
})
