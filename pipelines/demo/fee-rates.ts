import { marketplaces } from './marketplaces.ts'
import type { Marketplace } from './marketplaces.ts'
import { flatServiceFee } from './stories.ts'
import { dateText, dayOf } from './time.ts'

/** The producer-responsibility categories: stream, scheme, euros a kilogram, grams a unit. */
export const categories = {
  packaging_paper: { stream: 'packaging', scheme: 'dual_system', perKg: 0.18, grams: 180 },
  packaging_plastic: { stream: 'packaging', scheme: 'dual_system', perKg: 0.95, grams: 60 },
  textile: { stream: 'textile', scheme: 'textile_union', perKg: 0.32, grams: 350 },
  electronics: { stream: 'electronics', scheme: 'weee_pool', perKg: 0.45, grams: 900 },
  batteries: { stream: 'batteries', scheme: 'battery_pool', perKg: 1.1, grams: 120 },
  furniture: { stream: 'furniture', scheme: 'furniture_union', perKg: 0.12, grams: 2500 },
} as const

/** The category of this name. */
export const categoryOf = (name: string) => categories[name as keyof typeof categories]

/** The year of a day of sale, which names the rate card. */
const yearOf = (day: number) => (day < flatServiceFee.from ? 2025 : 2026)

export const rateCardOf = (marketplace: Marketplace, day: number) =>
  `${marketplace.code}-${yearOf(day)}.1`

/** The eco contribution's rate a kilogram in major units: 4 % more from 2026. */
export function ratePerKg(marketplace: Marketplace, category: string, day: number): number {
  const rate = categoryOf(category).perKg * marketplace.perEuro * (yearOf(day) === 2025 ? 1 : 1.04)
  return Math.round(rate * 10_000) / 10_000
}

/** The flat monthly service fee in major units, in force from 2026. */
export const flatFee = (marketplace: Marketplace) => Math.round(25 * marketplace.perEuro)

/** The service fee's fixed part in major units until 2025: 24.99 a year, a twelfth a month. */
export const monthlyBase = (marketplace: Marketplace) => (24.99 * marketplace.perEuro) / 12

/** Share of the eco contribution that the service fee adds until 2025. */
export const SERVICE_SHARE = 0.03

/** The lines of the rate card feed. */
export function rateCardLines(): string[] {
  const flatFrom = dateText(flatServiceFee.from)
  return marketplaces
    .filter((marketplace) => marketplace.sellers > 0)
    .flatMap((marketplace) =>
      [
        {
          card: `${marketplace.code}-2025.1`,
          from: '2024-01-01',
          to: '2025-12-31',
          published: '2023-11-15T10:00:00Z',
          basis: 'pct',
          rate: '3',
        },
        {
          card: `${marketplace.code}-2026.1`,
          from: flatFrom,
          to: '',
          published: '2025-11-14T10:00:00Z',
          basis: 'flat',
          rate: String(flatFee(marketplace)),
        },
      ].flatMap(({ card, from, to, published, basis, rate }) =>
        Object.keys(categories).flatMap((category) => {
          const end = `${marketplace.currency},${from},${to},${published}\n`
          const perKg = ratePerKg(marketplace, category, dayOf(from))
          return [
            `${card},${marketplace.code},${category},eco_contribution,kg,${perKg},${end}`,
            `${card},${marketplace.code},${category},service_fee,${basis},${rate},${end}`,
          ]
        }),
      ),
    )
}
