import type { CASE_EVENT_TYPES } from '../cases/case-event.ts'
import type { Desk } from './appeal-desks.ts'
import { marketplaceOf } from './marketplaces.ts'
import type { Marketplace } from './marketplaces.ts'
import { stream } from './random.ts'
import type { Random } from './random.ts'
import { secondOfDay, monthSeason } from './season.ts'
import { DAY, EXTRACTED_AT, FIRST_DAY, HOUR } from './time.ts'

export type Decision = 'upheld' | 'overturned' | 'partial'

/** What truly happened to an appeal. */
export interface AppealEvent {
  type: (typeof CASE_EVENT_TYPES)[number]
  at: number
  agent?: number
  decision?: Decision
  reason?: string
}

/** An appeal: what it asks, what it would do if nobody decided it, and what happened. */
export interface Appeal {
  id: string
  marketplace: Marketplace
  queue: string
  level: number
  parent: Appeal | null
  seller: number
  subject: string
  reason: string
  receivedAt: number
  random: Random
  /** When it leaves undecided, and how; null when it waits for its decision. */
  leaves: { at: number; as: 'withdrawn' | 'invalid' | 'merged' } | null
  /** When it waits on the seller; null when it never does. */
  waits: { from: number; to: number } | null
  /** Lost in the desk's inbox: nobody ever works it, and only a count of open items shows it. */
  isForgotten: boolean
  events: AppealEvent[]
}

const LAST_DAY = Math.floor(EXTRACTED_AT / DAY)
const reasons = [
  'counterfeit',
  'listing_policy',
  'late_shipment',
  'identity_check',
  'linked_account',
  'safety',
] as const

/** The first appeals that reach a desk, in order of receipt: a daily trickle and bursts after enforcement sweeps. */
export function arrivals(seed: number, desk: Desk, total: number, sellers: number): Appeal[] {
  const weights = weightsByDay(seed, desk)
  const scale = total / weights.reduce((sum, weight) => sum + weight, 0)
  const marketplace = marketplaceOf(desk.marketplace)
  const random = stream(seed, 'arrivals', desk.queue)
  const received = weights.flatMap((weight, at) => {
    const start = marketplace.zone.startOf(FIRST_DAY + at)
    const length = marketplace.zone.lengthOf(FIRST_DAY + at)
    return Array.from(
      { length: random.poisson(weight * scale) },
      () => start + Math.floor((secondOfDay(random.next()) * length) / DAY),
    ).sort((a, b) => a - b)
  })
  return received
    .filter((at) => at < EXTRACTED_AT)
    .map((at, number) =>
      makeAppeal(desk, at, null, sellers, stream(seed, 'appeal', desk.queue, number)),
    )
}

/** An appeal as it is received. A second one appeals against the decision of its parent. */
export function makeAppeal(
  desk: Desk,
  receivedAt: number,
  parent: Appeal | null,
  sellers: number,
  random: Random,
): Appeal {
  const kind = random.pick(reasons)
  const seller = Math.floor(random.next() ** 2 * sellers)
  const subject = `${kind === 'identity_check' || kind === 'linked_account' ? 'U' : 'L'}${random.whole(1, 999_999)}`
  return {
    id: '',
    marketplace: marketplaceOf(desk.marketplace),
    queue: desk.queue,
    level: parent ? 2 : 1,
    parent,
    seller: parent?.seller ?? seller,
    subject: parent?.subject ?? subject,
    reason: parent?.reason ?? kind,
    receivedAt,
    random,
    leaves: leaving(receivedAt, random),
    waits: waiting(receivedAt, random),
    isForgotten: random.chance(0.004),
    events: [
      { type: 'received', at: receivedAt },
      ...(random.chance(0.3) ? [{ type: 'auto_acknowledged' as const, at: receivedAt + 2 }] : []),
    ],
  }
}

function leaving(receivedAt: number, random: Random): Appeal['leaves'] {
  const draw = random.next()
  if (draw < 0.04)
    return { at: receivedAt + 300 + Math.floor(random.exponential(40 * HOUR)), as: 'withdrawn' }
  if (draw >= 0.085) return null
  return {
    at: receivedAt + Math.floor(random.between(0.5, 20) * HOUR),
    as: draw < 0.07 ? 'invalid' : 'merged',
  }
}

function waiting(receivedAt: number, random: Random): Appeal['waits'] {
  if (!random.chance(0.15)) return null
  const from = receivedAt + Math.floor(random.between(1, 20) * HOUR)
  return { from, to: from + 600 + Math.floor(random.lognormal(30 * HOUR, 0.6)) }
}

/** How many appeals a day brings, 1 being ordinary: they follow the sales, and staff is planned with them. */
export const appealSeason = (day: number) => 0.6 + 0.4 * monthSeason(day)

/** Each sweep doubles the arrivals at once; the rush halves every three days. Sweden has none: it is the quiet story. */
function weightsByDay(seed: number, desk: Desk): number[] {
  const random = stream(seed, 'sweeps', desk.queue)
  let rush = 0
  return Array.from({ length: LAST_DAY - FIRST_DAY + 1 }, (_, at) => {
    rush *= 0.79
    if (random.chance(1 / 70) && desk.marketplace !== 'SE') rush += random.between(0.6, 1.4)
    return appealSeason(FIRST_DAY + at) * (1 + rush)
  })
}
