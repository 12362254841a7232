import { marketplaces } from './marketplaces.ts'
import type { Marketplace } from './marketplaces.ts'
import { stream } from './random.ts'
import { dateText, dayOf } from './time.ts'

export type Tier = 'small' | 'medium' | 'large'
export type Payer = 'offset' | 'card' | 'slow' | 'never'

/** A seller of the demo and the habits all its fees are drawn from. */
export interface Seller {
  index: number
  id: string
  marketplace: Marketplace
  tier: Tier
  /** Units sold of each category in an ordinary month. */
  units: number
  categories: string[]
  payer: Payer
  /** Day of the month on which it is charged. */
  billingDay: number
  joinedOn: number
  /** The higher, the later a new programme reaches it: 0 to 1. */
  reachedLate: number
  /** The seller as it was from each day on, as the feed tells it. */
  history: string[]
}

const categoryMix = [
  ['packaging_paper', 30],
  ['packaging_plastic', 22],
  ['textile', 22],
  ['electronics', 12],
  ['batteries', 8],
  ['furniture', 6],
] as const
const unitsByTier = { small: 60, medium: 420, large: 2400 }
const foreign = ['CN', 'DE', 'FR', 'NL', 'US', 'TR']

/** The sellers of a preset. */
export function makeSellers(seed: number, count: number): Seller[] {
  const weights = marketplaces.map((marketplace) => [marketplace, marketplace.sellers] as const)
  return Array.from({ length: count }, (_, index) => {
    const random = stream(seed, 'seller', index)
    const marketplace = random.weighted(weights)
    const tier = random.weighted<Tier>([
      ['small', 0.7],
      ['medium', 0.23],
      ['large', 0.07],
    ])
    const wanted = {
      small: random.whole(1, 2),
      medium: random.whole(2, 3),
      large: random.whole(3, 5),
    }[tier]
    const categories = new Set<string>()
    while (categories.size < wanted) categories.add(random.weighted(categoryMix))
    const id = `S${index.toString(36).padStart(4, '0')}`
    const joinedOn = random.chance(0.8)
      ? dayOf('2024-01-01')
      : dayOf('2024-12-01') + random.whole(0, 500)
    return {
      index,
      id,
      marketplace,
      tier,
      joinedOn,
      units: random.lognormal(unitsByTier[tier], 0.5),
      categories: [...categories],
      payer: drawPayer(random.next(), marketplace, tier),
      billingDay: random.whole(1, 28),
      reachedLate: random.next(),
      history: historyOf(id, marketplace, tier, joinedOn, random),
    }
  })
}

/** How a seller, or one of its fees, is paid: most by offset against sales, some never. */
export function drawPayer(draw: number, marketplace: Marketplace, tier: Tier): Payer {
  const never = tier === 'large' ? marketplace.neverPays - 0.01 : marketplace.neverPays
  if (draw < never) return 'never'
  if (draw < never + 0.17) return 'slow'
  return draw < never + 0.39 ? 'card' : 'offset'
}

function historyOf(
  id: string,
  marketplace: Marketplace,
  tier: Tier,
  joinedOn: number,
  random: ReturnType<typeof stream>,
): string[] {
  const country = random.chance(0.72) ? marketplace.country : random.pick(foreign)
  const before = random.weighted([
    ['registered', 85],
    ['pending', 10],
    ['none', 5],
  ] as const)
  const history = [`${id},${dateText(joinedOn)},${tier},${country},${before}\n`]
  if (random.chance(0.12)) {
    const changedOn = dateText(Math.max(joinedOn + 30, dayOf('2025-02-01')) + random.whole(0, 180))
    const grown = tier === 'small' ? 'medium' : 'large'
    history.push(`${id},${changedOn},${random.chance(0.5) ? grown : tier},${country},registered\n`)
  }
  return history
}
