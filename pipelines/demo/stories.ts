/**
 * The planted stories: what happens in the make-believe marketplace that a reader of the numbers
 * should find. Generators ask here what holds on a day; truth.json lists them as incidents.
 */
import type { MarketplaceCode } from './marketplaces.ts'
import { dayOf, mondayOfWeek, secondOf } from './time.ts'

/** a. PL starts to charge fees in 2025-W40 and learns for twenty weeks. */
export const plLaunch = { day: mondayOfWeek(2025, 40), weeksToLearn: 20 }

/** How much of the newness is left in a marketplace on a day: 1 at launch, 0 once it has learned. */
export function newness(marketplace: MarketplaceCode, day: number): number {
  if (marketplace !== 'PL') return 0
  const weeks = (day - plLaunch.day) / 7
  return Math.max(0, 1 - weeks / plLaunch.weeksToLearn)
}

/** b. The service fee becomes flat on 1 January 2026; disputes rise for five weeks. */
export const flatServiceFee = {
  from: dayOf('2026-01-01'),
  disputedMoreUntil: dayOf('2026-02-05'),
  disputeFactor: 1.6,
}

/** c. For nine days part of a weight is read in the wrong unit: FR pays too much, IT too little. */
export const wrongUnit = {
  from: dayOf('2026-03-09'),
  to: dayOf('2026-03-17'),
  correctedAfterDays: 42,
}

/** What the charge is multiplied with on a day because of the wrong unit. */
export function chargeError(marketplace: MarketplaceCode, category: string, day: number): number {
  if (day < wrongUnit.from || day > wrongUnit.to) return 1
  if (marketplace === 'FR' && category === 'textile') return 3
  if (marketplace === 'IT' && (category === 'textile' || category === 'packaging_plastic'))
    return 0.2
  return 1
}

/** d. Acquirer A is down for 3 h 40 on the Sunday on which clocks change in the US. */
export const outage = {
  partner: 'acquirer_a',
  from: secondOf('2026-11-01T07:10:00Z'),
  to: secondOf('2026-11-01T10:50:00Z'),
  contactDays: [dayOf('2026-11-02'), dayOf('2026-11-03')],
  contactFactor: 1.35,
}

/** Whether the outage hits an attempt at acquirer A. */
export const isOutage = (second: number) => second >= outage.from && second < outage.to

/** e. The Italian appeal queue loses 40 % of its staff for three weeks; it works the newest first until it has caught up. */
export const staffLoss = {
  marketplace: 'IT' as MarketplaceCode,
  from: mondayOfWeek(2026, 36),
  to: mondayOfWeek(2026, 39) - 1,
  staffLeft: 0.6,
  newestFirstUntil: mondayOfWeek(2026, 45) - 1,
}

/** f. Contacts of Europe, Sweden apart, move to the offshore site; easy reasons first. */
export const offshoreShift = { from: mondayOfWeek(2026, 19) }

/** h. A fraud ring tries stolen cards in the US: fraud declines, then refunds. */
export const fraudRing = {
  marketplace: 'US' as MarketplaceCode,
  from: dayOf('2026-02-16'),
  to: dayOf('2026-04-12'),
}

/** Whether the ring is at work in a marketplace on a day. */
export const isFraudRing = (marketplace: MarketplaceCode, day: number) =>
  marketplace === fraudRing.marketplace && day >= fraudRing.from && day <= fraudRing.to
