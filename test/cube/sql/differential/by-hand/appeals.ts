import { MARKETPLACES, DAYS, VALUES } from '../facts.ts'
import { balance, count, dimensions, type HandView, ratio } from './hand-view.ts'

const counted = (condition: string) => `COUNT(*) FILTER (WHERE ${condition})`
const states = (...list: string[]) =>
  `sla_state IN (${list.map((state) => `'${state}'`).join(', ')})`
const all = counted(states('met', 'missed', 'pending'))
const merits = "event_type = 'decided' AND decision IS NOT NULL"

export const appeals: HandView = {
  name: 'appeals',
  rows: `
    WITH appeal AS (SELECT * FROM mart.fact_case WHERE case_type = 'appeal'),
    as_of AS (SELECT as_of FROM mart.ref_watermark WHERE feed = 'cases')
    SELECT 'event' AS kind, e.business_date AS day, e.marketplace, e.queue, c.reason_code, c.level, e.decision,
      NULL AS age_bucket, e.case_id, NULL::bool AS latest_snapshot, e.event_type, e.cycle_no, NULL AS sla_state,
      NULL::date AS snapshot_day
    FROM mart.fact_case_event AS e LEFT JOIN mart.fact_case AS c USING (case_id) WHERE e.case_type = 'appeal'
    UNION ALL
    SELECT 'cycle', started_on, marketplace, queue, reason_code, level, decision, NULL, case_id, NULL, NULL, NULL, sla_state, NULL
    FROM mart.fact_case_cycle WHERE case_type = 'appeal'
    UNION ALL
    SELECT 'appeal', received_on, marketplace, queue, reason_code, level, decision, NULL, case_id, NULL, NULL, NULL, NULL, NULL
    FROM appeal WHERE decision_seconds IS NOT NULL OR open_seconds IS NOT NULL
    UNION ALL
    SELECT 'snapshot', i.snapshot_date, i.marketplace, i.queue, appeal.reason_code, appeal.level, NULL, i.bucket, i.item_id,
      i.snapshot_date = (TABLE as_of), NULL, NULL, NULL, i.snapshot_date
    FROM mart.fact_open_item_snapshot AS i JOIN appeal ON appeal.case_id = i.item_id WHERE i.item_type = 'case'
    UNION ALL
    SELECT DISTINCT 'kind', d.day, marketplace, queue, reason_code, level, NULL, NULL, NULL, d.day = (TABLE as_of), NULL,
      NULL::int, NULL, d.day
    FROM appeal, mart.dim_date AS d
    WHERE (extract(isodow FROM d.day) = 7 OR d.day = (TABLE as_of)) AND d.day <= (TABLE as_of)
      AND d.day >= (SELECT min(received_on) FROM appeal)`,
  dimensions: [
    ...dimensions('day', { day: DAYS }),
    ...dimensions('bool', { latest_snapshot: [] }),
    ...dimensions('int', { level: ['1', '2', '3'] }),
    ...dimensions('text', {
      marketplace: MARKETPLACES,
      queue: VALUES.queue,
      reason_code: VALUES.case_reason,
      decision: VALUES.decision,
      age_bucket: VALUES.case_bucket,
    }),
    { name: 'case_id', type: 'text', values: VALUES.case, isId: true },
  ],
  measures: [
    count('appeals_received', "event_type = 'received' AND cycle_no = 1"),
    count('appeals_decided', "event_type = 'decided'"),
    count('appeals_withdrawn', "event_type = 'withdrawn'"),
    count('appeals_invalid', "event_type IN ('invalid', 'merged')"),
    ...['met', 'missed', 'pending'].map((state) => count(`sla_${state}`, states(state))),
    count('sla_ended', states('met', 'missed')),
    count('sla_cycles', states('met', 'missed', 'pending')),
    ratio('sla_attainment', counted(states('met')), counted(states('met', 'missed'))),
    ratio('sla_attainment_low', counted(states('met')), all),
    ratio('sla_attainment_high', counted(states('met', 'pending')), all),
    count('decisions_on_merits', merits),
    ratio(
      'overturn_rate',
      counted("event_type = 'decided' AND decision IN ('overturned', 'partial')"),
      counted(merits),
    ),
    count('appeals_timed', "kind = 'appeal'"),
    balance('backlog', counted('age_bucket IS NOT NULL')),
    ...VALUES.case_bucket.map((bucket) =>
      balance(
        bucket === '14+' ? 'backlog_over_14' : `backlog_${bucket.replace('-', '_')}`,
        counted(`age_bucket = '${bucket}'`),
      ),
    ),
  ],
}
