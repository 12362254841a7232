/** Something that is asked over and over: over the views, and by hand of the facts. */
export interface Asked {
  sql: string
  byHand: string
  values?: unknown[]
}

/** What each user of the measurement may see. */
export const sights = {
  all: 'true',
  some: "marketplace IN ('DE', 'FR')",
  one: "marketplace = 'PL'",
}
export type Who = keyof typeof sights

/** What a user asks; those who see no payments ask for fees only, and the other way round. */
export function questionsOf(who: Who): Asked[] {
  const sight = sights[who]
  const fees = `FROM mart.fact_fee_event WHERE ${sight}`
  const attempts = `FROM mart.fact_payment_event WHERE is_submitted AND ${sight}`
  return [
    {
      sql: 'SELECT marketplace, SUM(fees_charged) AS a, MEASURE(recovery_cash_rate) AS b FROM fees GROUP BY 1',
      byHand: `SELECT marketplace, sum(charge_eur) AS a, sum(cash_eur) / nullif(sum(charge_eur), 0) AS b ${fees} GROUP BY 1`,
    },
    {
      sql: 'SELECT category, COUNT(*) AS a FROM fees WHERE day BETWEEN $1 AND $2 GROUP BY 1',
      byHand: `SELECT category, count(*) AS a ${fees} AND business_date BETWEEN '2025-06-01' AND '2025-08-31' GROUP BY 1`,
      values: ['2025-06-01', '2025-08-31'],
    },
    {
      sql: "SELECT date_trunc('month', day)::date AS m, SUM(fees_collected) AS a FROM fees WHERE category = $1 GROUP BY 1 HAVING SUM(fees_collected) > 0",
      byHand: `SELECT date_trunc('month', business_date::timestamp)::date AS m, sum(cash_eur) AS a ${fees} AND category = 'weee' GROUP BY 1 HAVING sum(cash_eur) > 0`,
      values: ['weee'],
    },
    {
      sql: 'SELECT partner, SUM(attempts_submitted) AS a, AVG(authorisation_rate_attempt) AS b FROM payments GROUP BY 1',
      byHand: `SELECT partner, count(*) AS a, count(*) FILTER (WHERE outcome = 'authorised')::numeric / count(*) AS b ${attempts} GROUP BY 1`,
    },
    {
      sql: "SELECT day, SUM(attempts_authorised) AS a FROM payments WHERE day >= '2026-10-01' AND method IN ('card') GROUP BY 1",
      byHand: `SELECT business_date AS day, count(*) AS a ${attempts} AND outcome = 'authorised' AND business_date >= '2026-10-01' AND method = 'card' GROUP BY 1`,
    },
    {
      sql: 'SELECT marketplace, SUM(CASE WHEN fee_kind = $1 THEN fees_charged ELSE 0 END) AS a FROM fees GROUP BY 1',
      byHand: `SELECT marketplace, sum(charge_eur) AS a ${fees} GROUP BY 1`,
      values: ['service_fee'],
    },
  ]
}

/** Rows as text that is the same however a division was cut off. */
export function comparable(rows: Record<string, unknown>[]): string {
  return rows
    .map((row) => JSON.stringify(Object.values(row).map(plain)))
    .sort()
    .join('\n')
}

function plain(value: unknown) {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)
    ? Number(value).toFixed(6)
    : value
}
