import type { Marketplace } from '../marketplaces.ts'
import { DECLINE_GROUPS } from '../payment-mix.ts'
import type { DeclineGroup, Outcome } from '../payment-mix.ts'
import { DAY } from '../time.ts'
import { CountSeries } from './series.ts'

/** Adds up the payments' numbers while the payments are generated. */
export class PaymentTruth {
  readonly submitted = new CountSeries()
  readonly authorised = new CountSeries()
  readonly declined = new CountSeries()
  readonly declinedBy = Object.fromEntries(
    DECLINE_GROUPS.map((group) => [group, new CountSeries()]),
  ) as Record<DeclineGroup, CountSeries>
  readonly payments = new CountSeries()
  readonly paymentsAuthorised24h = new CountSeries()
  readonly transactions = new CountSeries()

  /** An attempt that was submitted to the network. */
  attempt(
    { index, zone }: Marketplace,
    at: number,
    outcome: Outcome,
    group: DeclineGroup | null,
  ): void {
    const day = zone.dayOf(at)
    this.submitted.add(index, day)
    if (outcome === 'authorised') this.authorised.add(index, day)
    if (group === null) return
    this.declined.add(index, day)
    this.declinedBy[group].add(index, day)
  }

  /** A payment with a submitted attempt: when the first was, and when the first succeeded. */
  payment({ index, zone }: Marketplace, submittedAt: number, authorisedAt: number | null): void {
    const day = zone.dayOf(submittedAt)
    this.payments.add(index, day)
    if (authorisedAt === null) return
    this.transactions.add(index, day)
    if (authorisedAt <= submittedAt + DAY) this.paymentsAuthorised24h.add(index, day)
  }
}
