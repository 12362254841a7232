import { model } from '#kit/asset.ts'
import { rawSlaPolicy } from '#pipelines/reference/sla-policy.ts'

/** Service levels: which clock runs, what pauses it, how long is allowed. */
export const refSlaPolicy = model({
  name: 'mart.ref_sla_policy',
  description: 'Service levels: which clock runs, what pauses it, how long is allowed.',
  contract: rawSlaPolicy.contract,
  grain: ['policy'],
  reads: [rawSlaPolicy],
  query: (db) =>
    db
      .selectFrom('raw.sla_policy')
      .select(['policy', 'case_type', 'queue', 'clock', 'calendar', 'pauses_while_waiting'])
      .select(['target_seconds', 'valid_from', 'valid_to']),
})
