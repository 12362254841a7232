import { MARKETPLACES, DAYS, VALUES } from '../facts.ts'
import { count, dimensions, type HandView, ratio } from './hand-view.ts'

const attempts = (condition: string) => `kind = 'attempt' AND ${condition}`
const counted = (condition: string) => `COUNT(*) FILTER (WHERE ${condition})`
const declined = counted("outcome IN ('declined', 'error')")

export const payments: HandView = {
  name: 'payments',
  rows: `
    SELECT 'attempt' AS kind, business_date AS day, marketplace, partner, method, payment_id, decline_group, outcome,
      NULL::bool AS in_time, NULL::timestamptz AS authorised_at
    FROM mart.fact_payment_event WHERE is_submitted
    UNION ALL
    SELECT 'payment', first_attempt_on, marketplace, partner, method, payment_id, NULL, NULL, is_authorised_24h, authorised_at
    FROM mart.fact_payment WHERE first_attempt_on IS NOT NULL`,
  dimensions: [
    ...dimensions('day', { day: DAYS }),
    ...dimensions('text', {
      marketplace: MARKETPLACES,
      partner: VALUES.partner,
      method: VALUES.method,
      decline_group: VALUES.decline,
    }),
    { name: 'payment_id', type: 'text', values: VALUES.payment, isId: true },
  ],
  measures: [
    count('attempts_submitted', attempts('outcome IS NOT NULL')),
    count('attempts_authorised', attempts("outcome = 'authorised'")),
    ratio(
      'authorisation_rate_attempt',
      counted("outcome = 'authorised'"),
      counted('outcome IS NOT NULL'),
    ),
    count('payments_submitted', "kind = 'payment'"),
    count('payments_authorised_24h', "kind = 'payment' AND in_time"),
    ratio('authorisation_rate_payment', counted('in_time'), counted("kind = 'payment'")),
    count('transactions', "kind = 'payment' AND authorised_at IS NOT NULL"),
    count('declines', attempts("outcome IN ('declined', 'error')")),
    ...VALUES.decline.map((group) =>
      ratio(`decline_mix_${group}`, counted(`decline_group = '${group}'`), declined),
    ),
  ],
}
