import type { MarketplaceCode } from './marketplaces.ts'
import { dateText, dayOf, HOUR } from './time.ts'

/** A service level: how long the first decision of a cycle may take, on which clock. */
export interface Policy {
  policy: string
  marketplace: MarketplaceCode
  clock: 'calendar' | 'business'
  calendar: string
  pauses: boolean
  targetSeconds: number
  validFrom: number
  validTo: number | null
}

/** Who works the appeals of a marketplace: the office's hours, and the share of the arrivals' appeals. */
export interface Desk {
  marketplace: MarketplaceCode
  queue: string
  office: string
  appeals: number
  /** Arrivals as a share of what the desk can decide: nearer to 1, longer queues. */
  load: number
}

const desk = (
  marketplace: MarketplaceCode,
  office: string,
  appeals: number,
  load: number,
): Desk => ({
  marketplace,
  queue: queueOf(marketplace),
  office,
  appeals,
  load,
})

export const desks: readonly Desk[] = [
  desk('DE', 'lisbon_desk', 0.2, 0.82),
  desk('FR', 'lisbon_desk', 0.14, 0.8),
  desk('ES', 'lisbon_desk', 0.1, 0.8),
  desk('IT', 'lisbon_desk', 0.14, 0.8),
  desk('UK', 'lisbon_desk', 0.15, 0.82),
  desk('PL', 'warsaw_office', 0.08, 0.78),
  desk('SE', 'warsaw_office', 0.04, 0.68),
  desk('US', 'seattle_desk', 0.1, 0.84),
  desk('JP', 'tokyo_office', 0.05, 0.72),
]

/** The queue that works the appeals of a marketplace. */
function queueOf(marketplace: MarketplaceCode): string {
  return `appeals_${marketplace.toLowerCase()}`
}

const since = dayOf('2024-01-01')
const tightened = dayOf('2026-07-01')

function policy(
  marketplace: MarketplaceCode,
  version: number,
  clock: 'calendar' | 'business',
  calendar: string,
  pauses: boolean,
  hours: number,
  validFrom = since,
  validTo: number | null = null,
): Policy {
  const name = `${queueOf(marketplace)}_${version}`
  return {
    policy: name,
    marketplace,
    clock,
    calendar,
    pauses,
    targetSeconds: hours * HOUR,
    validFrom,
    validTo,
  }
}

export const policies: readonly Policy[] = [
  policy('DE', 1, 'calendar', '', true, 72, since, tightened - 1),
  policy('DE', 2, 'calendar', '', true, 66, tightened),
  policy('FR', 1, 'calendar', '', true, 72),
  policy('ES', 1, 'calendar', '', true, 72),
  policy('IT', 1, 'calendar', '', true, 72),
  policy('UK', 1, 'calendar', '', true, 72),
  policy('PL', 1, 'business', 'warsaw_office', true, 20),
  policy('SE', 1, 'business', 'warsaw_office', true, 20),
  policy('US', 1, 'calendar', '', false, 84),
  policy('JP', 1, 'business', 'tokyo_office', false, 27),
]

/** The lines of the policy feed. */
export const policyLines = () =>
  policies.map((row) => {
    const clock = `${row.clock},${row.calendar},${row.pauses},${row.targetSeconds}`
    const validTo = row.validTo === null ? '' : dateText(row.validTo)
    return `${row.policy},appeal,${queueOf(row.marketplace)},${clock},${dateText(row.validFrom)},${validTo}\n`
  })
