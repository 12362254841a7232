import {
  categoryOf,
  flatFee,
  monthlyBase,
  rateCardOf,
  ratePerKg,
  SERVICE_SHARE,
} from './fee-rates.ts'
import type { Marketplace } from './marketplaces.ts'
import { stream } from './random.ts'
import type { Random } from './random.ts'
import type { Seller } from './sellers.ts'
import { monthSeason, secondOfDay } from './season.ts'
import { chargeError, flatServiceFee, newness } from './stories.ts'
import { DAY, EXTRACTED_AT, FIRST_DAY, monthText } from './time.ts'

/** A fee as assessed, and what it should have been. */
export interface Fee {
  id: string
  seller: Seller
  marketplace: Marketplace
  category: string
  kind: 'eco_contribution' | 'service_fee'
  period: string
  quantity: number | null
  weightGrams: number | null
  rateCard: string
  /** Digits after the decimal point in this ledger's amounts. */
  exponent: number
  /** What it should cost and what was charged, in minor units. */
  expected: number
  charged: number
  chargedAt: number
  dueOn: number
}

/** The ledger writes Swedish fees in whole kronor, all others in hundredths. */
export const ledgerExponent = (currency: string) => (currency === 'SEK' ? 0 : 2)

/** The fees a seller is charged in the month that begins on this day, in no particular order. */
export function feesOfMonth(seed: number, seller: Seller, monthStart: number): Omit<Fee, 'id'>[] {
  const { marketplace } = seller
  const random = stream(seed, 'fees', seller.index, monthText(monthStart))
  const chargedOn = monthStart + seller.billingDay - 1
  const isCharged =
    marketplace.sellers > 0 &&
    chargedOn >= Math.max(FIRST_DAY, seller.joinedOn, marketplace.launchedOn) &&
    chargedOn * DAY < EXTRACTED_AT - DAY &&
    seller.reachedLate > newness(marketplace.code, chargedOn) * 0.55 &&
    (seller.tier !== 'small' || random.chance(0.4))
  if (!isCharged) return []
  const frame = {
    seller,
    marketplace,
    exponent: ledgerExponent(marketplace.currency),
    dueOn: chargedOn + (seller.tier === 'large' ? 14 : 30),
  }
  const soldOn = monthStart - 1
  const minorPerMajor = 10 ** frame.exponent
  const ecoFees = seller.categories.map((category) => {
    const quantity = Math.max(
      1,
      Math.round(seller.units * monthSeason(soldOn) * random.lognormal(1, 0.25)),
    )
    const weightGrams = Math.round(
      quantity * categoryOf(category).grams * random.between(0.8, 1.25),
    )
    const rate = ratePerKg(marketplace, category, soldOn)
    const expected = Math.max(1, Math.round((weightGrams / 1000) * rate * minorPerMajor))
    return {
      ...frame,
      category,
      kind: 'eco_contribution' as const,
      period: monthText(soldOn),
      quantity,
      weightGrams,
      rateCard: rateCardOf(marketplace, soldOn),
      expected,
      charged: Math.max(
        1,
        Math.round(expected * chargeError(marketplace.code, category, chargedOn)),
      ),
      chargedAt: localInstant(marketplace, chargedOn, random),
    }
  })
  const eco = ecoFees.reduce((sum, fee) => sum + fee.expected, 0)
  const serviceMajor =
    chargedOn >= flatServiceFee.from ? flatFee(marketplace) : monthlyBase(marketplace)
  const share = chargedOn >= flatServiceFee.from ? 0 : SERVICE_SHARE * eco
  const service = Math.max(1, Math.round(share + serviceMajor * minorPerMajor))
  return [
    ...ecoFees,
    {
      ...frame,
      category: seller.categories[0] ?? 'packaging_paper',
      kind: 'service_fee',
      period: monthText(monthStart),
      quantity: null,
      weightGrams: null,
      rateCard: rateCardOf(marketplace, chargedOn),
      expected: service,
      charged: service,
      chargedAt: localInstant(marketplace, chargedOn, random),
    },
  ]
}

/** An instant of the local day, near midnight now and then. */
function localInstant(marketplace: Marketplace, day: number, random: Random): number {
  const { zone } = marketplace
  return zone.startOf(day) + Math.floor((secondOfDay(random.next()) * zone.lengthOf(day)) / DAY)
}
