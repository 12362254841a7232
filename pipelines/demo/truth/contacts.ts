import type { Contact } from '../contacts.ts'
import type { CostPool } from '../cost-pools.ts'
import { DAY, monthText } from '../time.ts'
import type { Euros } from './euros.ts'
import { divideRounded, EURO } from './exact.ts'
import { BigSeries, CountSeries } from './series.ts'
import { AS_OF } from './weeks.ts'

const WINDOW = 7 * DAY
const MICRO = 1_000_000

interface PoolRate {
  pool: CostPool
  /** Microseconds of handling that the pool pays for. */
  handled: bigint
}

/** Adds up the contacts' numbers once all are known. */
export class ContactTruth {
  readonly inbound = new CountSeries()
  readonly handled = new CountSeries()
  /** Microseconds of handling. */
  readonly handleTime = new BigSeries()
  readonly cost = new BigSeries()
  readonly provisionalCost = new BigSeries()
  readonly repeats = new CountSeries()
  /** Issues old enough to judge, and those of them that needed no second contact. */
  readonly matureIssues = new CountSeries()
  readonly resolvedFirst = new CountSeries()

  constructor(contacts: readonly Contact[], pools: readonly CostPool[], euros: Euros) {
    const counted = contacts.filter(({ isInbound, isSpam }) => isInbound && !isSpam)
    const handled = counted.filter(
      ({ answeredAt, channel }) => answeredAt !== null && channel !== 'bot',
    )
    for (const contact of counted) this.inbound.add(contact.marketplace.index, dayOf(contact))
    this.#addCosts(handled, pools, euros)
    this.#addIssues(counted)
  }

  #addCosts(handled: readonly Contact[], pools: readonly CostPool[], euros: Euros): void {
    const rates = ratesOf(handled, pools)
    for (const contact of handled) {
      const day = dayOf(contact)
      const { index } = contact.marketplace
      const time = handleTime(contact)
      this.handled.add(index, day)
      this.handleTime.add(index, day, time)
      const rate = latestRate(rates.get(`${contact.site},${contact.channel}`) ?? [], monthText(day))
      if (!rate) continue
      const { pool, handled: shared } = rate
      const { units, scale } = euros.rateOn(pool.currency, day)
      const minorPerMajor = pool.currency === 'JPY' ? 1n : 100n
      const cost = divideRounded(
        time * BigInt(pool.costMinor) * EURO * scale,
        shared * minorPerMajor * units,
      )
      this.cost.add(index, day, cost)
      if (pool.month !== monthText(day)) this.provisionalCost.add(index, day, cost)
    }
  }

  #addIssues(counted: readonly Contact[]): void {
    for (const contacts of Map.groupBy(
      counted,
      ({ customer, reason }) => `${customer},${reason.group}`,
    ).values()) {
      contacts.sort((a, b) => a.offeredAt - b.offeredAt || (a.id < b.id ? -1 : 1))
      contacts.forEach((contact, at) => {
        const { marketplace, offeredAt } = contact
        const day = dayOf(contact)
        const before = contacts[at - 1]
        const after = contacts[at + 1]
        if (before && before.offeredAt > offeredAt - WINDOW) {
          this.repeats.add(marketplace.index, day)
          return
        }
        if (day + 7 > AS_OF) return
        this.matureIssues.add(marketplace.index, day)
        if (!after || after.offeredAt > offeredAt + WINDOW)
          this.resolvedFirst.add(marketplace.index, day)
      })
    }
  }
}

const dayOf = ({ marketplace, offeredAt }: Contact) => marketplace.zone.dayOf(offeredAt)

/** Microseconds an agent was kept, shared among the sessions held at once. */
const handleTime = ({ talk, hold, wrap, sessions }: Contact) =>
  divideRounded(BigInt(talk + hold + wrap) * BigInt(MICRO), BigInt(sessions))

/** What a second of handling costs by site and channel, earliest month first. */
function ratesOf(handled: readonly Contact[], pools: readonly CostPool[]): Map<string, PoolRate[]> {
  const times = new Map<string, bigint>()
  for (const contact of handled) {
    const key = `${contact.site},${contact.channel},${monthText(dayOf(contact))}`
    times.set(key, (times.get(key) ?? 0n) + handleTime(contact))
  }
  const rates = pools.map((pool) => ({
    pool,
    handled: times.get(`${pool.site},${pool.channel},${pool.month}`) ?? 0n,
  }))
  return Map.groupBy(
    rates
      .filter((rate) => rate.handled > 0n)
      .sort((a, b) => (a.pool.month < b.pool.month ? -1 : 1)),
    ({ pool }) => `${pool.site},${pool.channel}`,
  )
}

/** The month's own rate or, while its cost is unknown, the latest before it. */
const latestRate = (rates: readonly PoolRate[], month: string) =>
  rates.findLast(({ pool }) => pool.month <= month)
