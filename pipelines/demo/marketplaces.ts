import { type Zone, zoneNamed } from '#kit/zone.ts'

import type { MARKETPLACES } from '../reference/codes.ts'
import { dayOf } from './time.ts'

export type MarketplaceCode = (typeof MARKETPLACES)[number]

/** One marketplace of the demo: where it is and how its people behave. */
export interface Marketplace {
  index: number
  code: MarketplaceCode
  country: string
  currency: string
  zone: Zone
  launchedOn: number
  /** Share of the orders. */
  orders: number
  /** Share of the sellers who owe fees; 0 where there is no fee programme. */
  sellers: number
  /** Share of fees that are never paid by the seller. */
  neverPays: number
  /** Typical order, in minor units of the currency. */
  medianOrder: number
  /** Price level: units of the currency for a euro, roughly. */
  perEuro: number
}

const profiles: [MarketplaceCode, string, string, string, string, number[]][] = [
  ['DE', 'DE', 'EUR', 'Europe/Berlin', '2022-07-01', [0.22, 0.27, 0.08, 3400, 1]],
  ['FR', 'FR', 'EUR', 'Europe/Paris', '2022-01-01', [0.14, 0.2, 0.09, 3100, 1]],
  ['ES', 'ES', 'EUR', 'Europe/Madrid', '2023-01-01', [0.1, 0.13, 0.11, 2700, 1]],
  ['IT', 'IT', 'EUR', 'Europe/Rome', '2023-04-01', [0.12, 0.15, 0.12, 2900, 1]],
  ['UK', 'GB', 'GBP', 'Europe/London', '2023-07-01', [0.17, 0.13, 0.08, 2600, 0.85]],
  ['PL', 'PL', 'PLN', 'Europe/Warsaw', '2025-09-29', [0.06, 0.07, 0.1, 11_000, 4.25]],
  ['SE', 'SE', 'SEK', 'Europe/Stockholm', '2024-01-01', [0.04, 0.05, 0.08, 36_000, 11]],
  ['US', 'US', 'USD', 'America/Los_Angeles', '2022-01-01', [0.1, 0, 0, 3600, 1.1]],
  ['JP', 'JP', 'JPY', 'Asia/Tokyo', '2022-01-01', [0.05, 0, 0, 4200, 165]],
]

/** The nine marketplaces, in the order of every table of numbers by marketplace. */
export const marketplaces: readonly Marketplace[] = profiles.map(
  ([code, country, currency, zone, launchedOn, numbers], index) => {
    const [orders = 0, sellers = 0, neverPays = 0, medianOrder = 0, perEuro = 1] = numbers
    return {
      index,
      code,
      country,
      currency,
      zone: zoneNamed(zone),
      launchedOn: dayOf(launchedOn),
      orders,
      sellers,
      neverPays,
      medianOrder,
      perEuro,
    }
  },
)

/** The marketplace of this code. */
export function marketplaceOf(code: MarketplaceCode): Marketplace {
  return marketplaces.find((marketplace) => marketplace.code === code) as Marketplace
}
