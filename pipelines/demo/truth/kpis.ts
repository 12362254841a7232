import { BACKLOG_BUCKETS } from './appeals.ts'
import type { AppealTruth } from './appeals.ts'
import type { ContactTruth } from './contacts.ts'
import { moneyText, ratioText } from './exact.ts'
import { FEE_BUCKETS } from './fees.ts'
import type { FeeTruth } from './fees.ts'
import { kaplanMeier } from './kaplan-meier.ts'
import { DECLINE_GROUPS } from '../payment-mix.ts'
import type { PaymentTruth } from './payments.ts'
import { holds } from './series.ts'
import type { Slice } from './series.ts'

/** Everything the generators added up. */
export interface Truth {
  fees: FeeTruth
  payments: PaymentTruth
  appeals: AppealTruth
  contacts: ContactTruth
}

/** A KPI's value in a slice as exact text; null when there is nothing to divide by. */
export type Kpi = (slice: Slice) => string | null

/** KPIs about a period, each from the generator's own ledger. */
export function periodKpis({ fees, payments, appeals, contacts }: Truth): Record<string, Kpi> {
  const cohorts = fees.cohorts.flatMap(({ age, principal, cash, immature }): [string, Kpi][] => [
    [`recovery_cohort_rate_${age}d`, ratio(cash, principal)],
    [`recovery_cohort_immature_fees_${age}d`, count(immature)],
  ])
  const mix = DECLINE_GROUPS.map((group): [string, Kpi] => [
    `decline_mix_${group}`,
    ratio(payments.declinedBy[group], payments.declined),
  ])
  return {
    fees_charged: money(fees.charged),
    fees_collected: money(fees.cash),
    fees_collected_gross: money(fees.collected),
    fees_refunded: money(fees.refunded),
    recovery_cash_rate: ratio(fees.cash, fees.charged),
    fees_count: count(fees.count),
    ...Object.fromEntries(cohorts),
    attempts_submitted: count(payments.submitted),
    attempts_authorised: count(payments.authorised),
    authorisation_rate_attempt: ratio(payments.authorised, payments.submitted),
    payments_submitted: count(payments.payments),
    payments_authorised_24h: count(payments.paymentsAuthorised24h),
    authorisation_rate_payment: ratio(payments.paymentsAuthorised24h, payments.payments),
    declines: count(payments.declined),
    ...Object.fromEntries(mix),
    transactions: count(payments.transactions),
    ...appealKpis(appeals),
    contacts_inbound: count(contacts.inbound),
    contacts_handled: count(contacts.handled),
    transactions_with_payment: count(payments.transactions),
    contact_rate: (slice) =>
      ratioText(1000n * contacts.inbound.sum(slice), payments.transactions.sum(slice)),
    contact_cost: money(contacts.cost),
    cost_per_contact: euroRatio(contacts.cost, contacts.handled),
    contact_cost_per_transaction: euroRatio(contacts.cost, payments.transactions),
    aht_minutes: (slice) =>
      ratioText(contacts.handleTime.sum(slice), 60_000_000n * contacts.handled.sum(slice)),
    fcr: ratio(contacts.resolvedFirst, contacts.matureIssues),
    repeat_contact_rate: ratio(contacts.repeats, contacts.inbound),
    contact_cost_provisional: money(contacts.provisionalCost),
  }
}

/** KPIs about the state at the end of a day. */
export function stateKpis({ fees, appeals }: Truth): Record<string, Kpi> {
  const feeBuckets = FEE_BUCKETS.map(([name]) => name)
  const backlogBuckets = BACKLOG_BUCKETS.map(([name]) => name)
  const balance =
    (names: readonly string[]): Kpi =>
    (slice) =>
      moneyText(names.reduce((sum, name) => sum + (fees.buckets.get(name)?.sum(slice) ?? 0n), 0n))
  const waiting =
    (names: readonly string[]): Kpi =>
    (slice) =>
      String(names.reduce((sum, name) => sum + (appeals.buckets.get(name)?.sum(slice) ?? 0n), 0n))
  return {
    outstanding: balance(feeBuckets),
    ...Object.fromEntries(feeBuckets.map((name) => [name, balance([name])])),
    unapplied_credit: balance(['unapplied_credit']),
    backlog: waiting(backlogBuckets),
    ...Object.fromEntries(backlogBuckets.map((name) => [name, waiting([name])])),
  }
}

function appealKpis(appeals: AppealTruth): Record<string, Kpi> {
  const levels = (slice: Slice) => ({
    met: appeals.met.sum(slice),
    missed: appeals.missed.sum(slice),
    pending: appeals.pending.sum(slice),
  })
  const hours =
    (share: number): Kpi =>
    (slice) => {
      const durations = appeals.durations.filter(({ marketplace, day }) =>
        holds(slice, marketplace, day),
      )
      const seconds = kaplanMeier(durations, share)
      return seconds === null ? null : ratioText(BigInt(seconds), 3600n)
    }
  return {
    appeals_received: count(appeals.received),
    appeals_decided: count(appeals.decided),
    appeals_withdrawn: count(appeals.withdrawn),
    appeals_invalid: count(appeals.invalid),
    sla_met: count(appeals.met),
    sla_missed: count(appeals.missed),
    sla_pending: count(appeals.pending),
    sla_attainment: (slice) => {
      const { met, missed } = levels(slice)
      return ratioText(met, met + missed)
    },
    sla_attainment_low: (slice) => {
      const { met, missed, pending } = levels(slice)
      return ratioText(met, met + missed + pending)
    },
    sla_attainment_high: (slice) => {
      const { met, missed, pending } = levels(slice)
      return ratioText(met + pending, met + missed + pending)
    },
    overturn_rate: ratio(appeals.changed, appeals.decided),
    time_to_decision_p50_hours: hours(0.5),
    time_to_decision_p90_hours: hours(0.9),
  }
}

interface Summable {
  sum: (slice: Slice) => bigint
}

const count =
  (series: Summable): Kpi =>
  (slice) =>
    String(series.sum(slice))
const money =
  (series: Summable): Kpi =>
  (slice) =>
    moneyText(series.sum(slice))
const ratio =
  (numerator: Summable, denominator: Summable): Kpi =>
  (slice) =>
    ratioText(numerator.sum(slice), denominator.sum(slice))

/** Euros for each of something. */
const euroRatio =
  (amount: Summable, each: Summable): Kpi =>
  (slice) =>
    ratioText(amount.sum(slice), 10_000_000_000n * each.sum(slice))
