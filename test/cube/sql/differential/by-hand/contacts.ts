import { MARKETPLACES, DAYS, VALUES } from '../facts.ts'
import { count, dimensions, type HandView, ratio, sum } from './hand-view.ts'

const counted = (condition: string) => `COUNT(*) FILTER (WHERE ${condition})`
const cost = 'COALESCE(SUM(cost_eur), 0)'
const transactions = counted("kind = 'payment'")

export const contacts: HandView = {
  name: 'contacts',
  rows: `
    SELECT 'contact' AS kind, business_date AS day, marketplace, channel, site, shore, reason_group, is_avoidable,
      source_event_id AS contact_id, is_counted, is_handled, handle_seconds, cost_eur,
      CASE WHEN is_cost_provisional THEN cost_eur END AS provisional_eur,
      is_issue AND is_mature_7d AS is_judged, is_resolved_first, is_repeat_7d
    FROM mart.fact_contact
    UNION ALL
    SELECT 'payment', first_attempt_on, marketplace, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
      NULL, NULL
    FROM mart.fact_payment WHERE first_attempt_on IS NOT NULL AND authorised_at IS NOT NULL`,
  dimensions: [
    ...dimensions('day', { day: DAYS }),
    ...dimensions('bool', { is_avoidable: [] }),
    ...dimensions('text', {
      marketplace: MARKETPLACES,
      channel: VALUES.channel,
      site: VALUES.site,
      shore: VALUES.shore,
      reason_group: VALUES.contact_reason,
    }),
    { name: 'contact_id', type: 'text', values: VALUES.contact, isId: true },
  ],
  measures: [
    count('contacts_inbound', 'is_counted'),
    count('contacts_handled', 'is_handled'),
    count('transactions_with_payment', "kind = 'payment'"),
    ratio('contact_rate', `1000 * ${counted('is_counted')}`, transactions),
    sum('contact_cost', 'cost_eur'),
    sum('contact_cost_provisional', 'provisional_eur'),
    ratio('cost_per_contact', cost, counted('is_handled')),
    ratio('contact_cost_per_transaction', cost, transactions),
    ratio('aht_minutes', 'SUM(handle_seconds) / 60', counted('is_handled')),
    count('issues_opened', 'is_judged'),
    ratio('fcr', counted('is_judged AND is_resolved_first'), counted('is_judged')),
    ratio('repeat_contact_rate', counted('is_repeat_7d'), counted('is_counted')),
  ],
}
