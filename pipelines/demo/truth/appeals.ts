import type { AppealEvent } from '../appeals.ts'
import type { Marketplace } from '../marketplaces.ts'
import { EXTRACTED_AT } from '../time.ts'
import type { Duration } from './kaplan-meier.ts'
import { CountSeries } from './series.ts'
import { elapsed, policyFor } from './sla-clock.ts'
import type { Span } from './sla-clock.ts'
import { SNAPSHOT_DAYS } from './weeks.ts'

/** An appeal of the generator's ledger: what truly happened to it, as far as it was recorded. */
export interface LedgerAppeal {
  marketplace: Marketplace
  events: readonly AppealEvent[]
}

/** Days since the start of a cycle below which each bucket ends. */
export const BACKLOG_BUCKETS = [
  ['backlog_0_1', 1],
  ['backlog_1_3', 3],
  ['backlog_3_7', 7],
  ['backlog_7_14', 14],
  ['backlog_over_14', Infinity],
] as const

const LEAVING = new Set(['withdrawn', 'invalid', 'merged'])

/** A receipt or reopening and what followed until the next. */
interface Cycle {
  startedAt: number
  decidedAt: number | null
  leftAt: number | null
  waits: Span[]
}

/** Adds up the appeals' numbers. */
export class AppealTruth {
  readonly received = new CountSeries()
  readonly decided = new CountSeries()
  readonly changed = new CountSeries()
  readonly withdrawn = new CountSeries()
  readonly invalid = new CountSeries()
  readonly met = new CountSeries()
  readonly missed = new CountSeries()
  readonly pending = new CountSeries()
  /** Open cycles by bucket; the days are those of SNAPSHOT_DAYS. */
  readonly buckets = new Map(BACKLOG_BUCKETS.map(([name]) => [name as string, new CountSeries()]))
  /** How long each appeal took to its first decision, or has waited for it. */
  readonly durations: (Duration & { marketplace: number; day: number })[] = []

  add({ marketplace, events }: LedgerAppeal): void {
    const { index, zone } = marketplace
    for (const { type, at, decision } of events) {
      const day = zone.dayOf(at)
      if (type === 'received') this.received.add(index, day)
      if (type === 'withdrawn') this.withdrawn.add(index, day)
      if (type === 'invalid' || type === 'merged') this.invalid.add(index, day)
      if (type !== 'decided') continue
      this.decided.add(index, day)
      if (decision !== 'upheld') this.changed.add(index, day)
    }
    const cycles = cyclesOf(events)
    for (const cycle of cycles) {
      this.#addServiceLevel(marketplace, cycle)
      this.#addBacklog(marketplace, cycle)
    }
    const [first] = cycles
    if (!first || (first.decidedAt === null && first.leftAt !== null)) return
    this.durations.push({
      marketplace: index,
      day: zone.dayOf(first.startedAt),
      hasEnded: first.decidedAt !== null,
      seconds: (first.decidedAt ?? EXTRACTED_AT) - first.startedAt,
    })
  }

  #addServiceLevel(marketplace: Marketplace, cycle: Cycle): void {
    if (cycle.decidedAt === null && cycle.leftAt !== null) return
    const startedOn = marketplace.zone.dayOf(cycle.startedAt)
    const policy = policyFor(marketplace, startedOn)
    const took = elapsed(policy, [cycle.startedAt, cycle.decidedAt ?? EXTRACTED_AT], cycle.waits)
    if (took > policy.targetSeconds) this.missed.add(marketplace.index, startedOn)
    else if (cycle.decidedAt === null) this.pending.add(marketplace.index, startedOn)
    else this.met.add(marketplace.index, startedOn)
  }

  #addBacklog({ index, zone }: Marketplace, { startedAt, decidedAt, leftAt }: Cycle): void {
    const startedOn = zone.dayOf(startedAt)
    const endedAt = decidedAt ?? leftAt
    const endedOn = endedAt === null ? Infinity : zone.dayOf(endedAt)
    for (const day of SNAPSHOT_DAYS) {
      if (startedOn > day || endedOn <= day) continue
      const bucket =
        BACKLOG_BUCKETS.find(([, below]) => day - startedOn < below)?.[0] ?? 'backlog_over_14'
      this.buckets.get(bucket)?.add(index, day)
    }
  }
}

function cyclesOf(events: readonly AppealEvent[]): Cycle[] {
  const cycles: Cycle[] = []
  for (const { type, at } of events) {
    if (type === 'received' || type === 'reopened') {
      cycles.push({ startedAt: at, decidedAt: null, leftAt: null, waits: [] })
      continue
    }
    const cycle = cycles.at(-1)
    if (!cycle) continue
    if (type === 'decided') cycle.decidedAt ??= at
    if (LEAVING.has(type) && cycle.decidedAt === null) cycle.leftAt ??= at
    if (type === 'paused') cycle.waits.push([at, Infinity])
    if (type === 'resumed') cycle.waits.push([cycle.waits.pop()?.[0] ?? at, at])
  }
  return cycles
}
