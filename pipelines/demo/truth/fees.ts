import type { FeeEvent } from '../fee-life.ts'
import type { Marketplace } from '../marketplaces.ts'
import type { Euros } from './euros.ts'
import { BigSeries, CountSeries } from './series.ts'
import { AS_OF, SNAPSHOT_DAYS } from './weeks.ts'

/** A fee of the generator's ledger: what truly happened to it, as far as it was recorded. */
export interface LedgerFee {
  marketplace: Marketplace
  exponent: number
  dueOn: number
  events: readonly FeeEvent[]
}

/** The ages at which a cohort's recovery is measured, in days. */
const COHORT_AGES = [30, 90, 180] as const

/** Days past due up to which each bucket reaches. */
export const FEE_BUCKETS = [
  ['outstanding_current', 0],
  ['outstanding_1_30', 30],
  ['outstanding_31_60', 60],
  ['outstanding_61_90', 90],
  ['outstanding_91_180', 180],
  ['outstanding_181_365', 365],
  ['outstanding_over_365', Infinity],
] as const

const PENALTIES = new Set(['late_fee'])

/** What an event does to the charge, the cash and the write-off of its fee, in minor units. */
interface Effect {
  day: number
  charge: number
  principal: number
  cash: number
  collected: number
  refunded: number
  writtenOff: number
}

/** Adds up the fees' numbers while the fees are generated. */
export class FeeTruth {
  readonly charged = new BigSeries()
  readonly cash = new BigSeries()
  readonly collected = new BigSeries()
  readonly refunded = new BigSeries()
  readonly count = new CountSeries()
  readonly cohorts = COHORT_AGES.map((age) => ({
    age,
    principal: new BigSeries(),
    cash: new BigSeries(),
    immature: new CountSeries(),
  }))
  /** Open balances by bucket; the days are those of SNAPSHOT_DAYS. */
  readonly buckets = new Map<string, BigSeries>(
    [...FEE_BUCKETS.map(([name]) => name), 'unapplied_credit'].map((name) => [
      name,
      new BigSeries(),
    ]),
  )
  readonly #euros: Euros

  constructor(euros: Euros) {
    this.#euros = euros
  }

  add(fee: LedgerFee): void {
    const effects = fee.events.map((event) => effectOf(event, fee.marketplace))
    this.#addMoney(fee, effects)
    this.#addCohort(fee, effects)
    this.#addOpenBalances(fee, effects)
  }

  #addMoney({ marketplace, exponent }: LedgerFee, effects: readonly Effect[]): void {
    const { index, currency } = marketplace
    const euros = (amount: number, day: number) => this.#euros.of(amount, exponent, currency, day)
    for (const { day, charge, cash, collected, refunded } of effects) {
      if (charge !== 0) this.charged.add(index, day, euros(charge, day))
      if (cash !== 0) this.cash.add(index, day, euros(cash, day))
      if (collected !== 0) this.collected.add(index, day, euros(collected, day))
      if (refunded !== 0) this.refunded.add(index, day, euros(refunded, day))
    }
  }

  /** One exchange rate a fee, that of its charge, so that currencies cannot make or lose recovery. */
  #addCohort({ marketplace, exponent, events }: LedgerFee, effects: readonly Effect[]): void {
    const chargedOn = effects[events.findIndex(({ type }) => type === 'charged')]?.day
    if (chargedOn === undefined) return
    const { index, currency } = marketplace
    this.count.add(index, chargedOn)
    for (const { age, principal, cash, immature } of this.cohorts) {
      if (chargedOn + age > AS_OF) {
        immature.add(index, chargedOn)
        continue
      }
      let owed = 0
      let paid = 0
      for (const effect of effects) {
        if (effect.day - chargedOn > age) continue
        owed += effect.principal
        paid += effect.cash
      }
      principal.add(index, chargedOn, this.#euros.of(owed, exponent, currency, chargedOn))
      cash.add(index, chargedOn, this.#euros.of(paid, exponent, currency, chargedOn))
    }
  }

  #addOpenBalances({ marketplace, exponent, dueOn }: LedgerFee, effects: readonly Effect[]): void {
    const { index, currency } = marketplace
    for (const day of SNAPSHOT_DAYS) {
      let balance = 0
      for (const effect of effects) {
        if (effect.day <= day) balance += effect.charge - effect.cash - effect.writtenOff
      }
      if (balance === 0) continue
      const bucket =
        FEE_BUCKETS.find(([, upTo]) => day - dueOn <= upTo)?.[0] ?? 'outstanding_over_365'
      const series = this.buckets.get(balance > 0 ? bucket : 'unapplied_credit')
      series?.add(index, day, this.#euros.of(Math.abs(balance), exponent, currency, day))
    }
  }
}

function effectOf({ type, at, amount, reason }: FeeEvent, { zone }: Marketplace): Effect {
  const effect: Effect = {
    day: zone.dayOf(at),
    charge: 0,
    principal: 0,
    cash: 0,
    collected: 0,
    refunded: 0,
    writtenOff: 0,
  }
  switch (type) {
    case 'charged':
      return { ...effect, charge: amount, principal: amount }
    case 'adjusted':
      return { ...effect, charge: amount, principal: PENALTIES.has(reason ?? '') ? 0 : amount }
    case 'waived':
      return { ...effect, charge: -amount, principal: -amount }
    case 'collected':
      return { ...effect, cash: amount, collected: amount }
    case 'collection_reversed':
      return { ...effect, cash: -amount, collected: -amount }
    case 'refunded':
      return { ...effect, cash: -amount, refunded: amount }
    case 'written_off':
      return { ...effect, writtenOff: amount }
    case 'recovered':
      return { ...effect, cash: amount, collected: amount, writtenOff: -amount }
    case 'collection_failed':
    case 'disputed':
    case 'dispute_closed':
    case 'sent_to_collections':
      break
  }
  return effect
}
