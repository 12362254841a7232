import { model } from '#kit/asset.ts'
import { rawReason } from '#pipelines/reference/reason.ts'

/** What the raw reason codes of each domain mean. */
export const dimReason = model({
  name: 'mart.dim_reason',
  description: 'What the raw reason codes of each domain mean, and which are avoidable.',
  contract: rawReason.contract,
  grain: ['domain', 'reason_code'],
  reads: [rawReason],
  query: (db) =>
    db
      .selectFrom('raw.reason')
      .select(['domain', 'reason_code', 'reason_group', 'is_avoidable', 'valid_from']),
})
