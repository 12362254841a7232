import { siteOf } from './agents.ts'
import type { Contact } from './contacts.ts'
import { stream } from './random.ts'
import { EXTRACTED_AT, DAY, monthText } from './time.ts'

/** What a site's channel cost in a month. */
export interface CostPool {
  month: string
  site: string
  channel: string
  costMinor: number
  currency: string
}

/** The month the demo ends in: its costs are not known yet. */
const OPEN_MONTH = monthText(EXTRACTED_AT / DAY)

/** The cost pools that pay for these contacts; months before the first contact and the running one have none. */
export function makeCostPools(seed: number, contacts: readonly Contact[]): CostPool[] {
  const hours = new Map<string, number>()
  for (const {
    marketplace,
    site,
    channel,
    offeredAt,
    answeredAt,
    isInbound,
    talk,
    hold,
    wrap,
    sessions,
  } of contacts) {
    if (answeredAt === null || !isInbound) continue
    const key = `${monthText(marketplace.zone.dayOf(offeredAt))},${site},${channel}`
    hours.set(key, (hours.get(key) ?? 0) + (talk + hold + wrap) / sessions / 3600)
  }
  return [...hours.entries()]
    .map(([key, handled]) => {
      const [month = '', site = '', channel = ''] = key.split(',')
      const { hourly, currency } = siteOf(site)
      const dearer = stream(seed, 'cost pool', key).between(0.97, 1.03)
      return {
        month,
        site,
        channel,
        costMinor: Math.round(hourly * handled * dearer) + 1,
        currency,
      }
    })
    .filter(({ month }) => month < OPEN_MONTH)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = ({ month, site, channel }: CostPool) => `${month}${site}${channel}`

/** The lines of the cost pool feed. */
export const costPoolLines = (pools: readonly CostPool[]) =>
  pools.map(
    ({ month, site, channel, costMinor, currency }) =>
      `${month},${site},${channel},${costMinor},${currency}\n`,
  )
