/** Invented targets. Rates are fractions; the contact targets fit the demo, which has more contacts an order than most. */
const targets: Record<string, string> = {
  recovery_cash_rate: '0.95',
  recovery_cohort_rate_30d: '0.75',
  recovery_cohort_rate_90d: '0.85',
  recovery_cohort_rate_180d: '0.88',
  authorisation_rate_attempt: '0.92',
  authorisation_rate_payment: '0.95',
  sla_attainment: '0.95',
  time_to_decision_p50_hours: '24',
  time_to_decision_p90_hours: '72',
  contact_rate: '85',
  cost_per_contact: '3.50',
  contact_cost_per_transaction: '0.27',
  fcr: '0.75',
  aht_minutes: '8',
}

/** The lines of the target feed. */
export const targetLines = () =>
  ['2025', '2026', '2027'].flatMap((year) =>
    Object.entries(targets).map(([kpi, value]) => `${kpi},all,${year},${value},plan-${year}\n`),
  )
