import { dateText, dayOf } from './time.ts'

/** A site of the demo and what an hour of handling costs there, fully loaded. */
export interface Site {
  site: string
  shore: 'onshore' | 'offshore'
  vendor: string
  currency: string
  /** Minor units an hour. */
  hourly: number
  /** Numbers of the agents who work there. */
  agents: readonly [number, number]
}

const sites: readonly Site[] = [
  { site: 'LIS', shore: 'onshore', vendor: '', currency: 'EUR', hourly: 3200, agents: [0, 8] },
  { site: 'WAW', shore: 'onshore', vendor: '', currency: 'PLN', hourly: 12_400, agents: [9, 12] },
  {
    site: 'MNL',
    shore: 'offshore',
    vendor: 'vendor_m',
    currency: 'PHP',
    hourly: 98_000,
    agents: [13, 18],
  },
  { site: 'SEA', shore: 'onshore', vendor: '', currency: 'USD', hourly: 4400, agents: [19, 21] },
  {
    site: 'FUK',
    shore: 'onshore',
    vendor: 'vendor_f',
    currency: 'JPY',
    hourly: 4600,
    agents: [22, 23],
  },
]

/** The site of this code. */
export const siteOf = (code: string) => sites.find(({ site }) => site === code) as Site

/** The id of the agent with this number; 24 to 39 decide appeals. */
export const agentId = (number: number) => `A${String(number).padStart(3, '0')}`

/** The lines of the agent feed: some agents changed team. */
export function agentLines(): string[] {
  const since = dateText(dayOf('2024-01-01'))
  const ofContacts = sites.flatMap(({ site, shore, vendor, agents: [first, last] }) =>
    Array.from({ length: last - first + 1 }, (_, at) => ({
      number: first + at,
      team: 'payments',
      site,
      shore,
      vendor,
    })),
  )
  const ofAppeals = Array.from({ length: 16 }, (_, at) => ({
    number: 24 + at,
    team: 'appeals',
    site: at < 12 ? 'LIS' : 'WAW',
    shore: 'onshore',
    vendor: '',
  }))
  return [...ofContacts, ...ofAppeals].flatMap(({ number, team, site, shore, vendor }) => {
    const line = (from: string, name: string) =>
      `${agentId(number)},${from},${name},${site},${shore},${vendor}\n`
    return number % 5 === 0
      ? [line(since, team), line('2026-01-01', `${team}_senior`)]
      : [line(since, team)]
  })
}
