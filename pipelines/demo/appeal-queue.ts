import { officeOf, openHours } from './calendars.ts'
import type { Desk } from './appeal-desks.ts'
import { appealSeason, makeAppeal } from './appeals.ts'
import type { Appeal, Decision } from './appeals.ts'
import { stream } from './random.ts'
import { staffLoss } from './stories.ts'
import { DAY, EXTRACTED_AT, FIRST_DAY, HOUR } from './time.ts'

const SLOT = 900

/** A cycle that waits for its decision. */
interface Work {
  appeal: Appeal
  since: number
  cycle: number
}

/**
 * Lets a desk with finite staff work its appeals, a quarter of an hour at a time, oldest first.
 * Backlogs and missed service levels are not drawn: they emerge. Returns every appeal, second ones included.
 */
export function workQueue(
  seed: number,
  desk: Desk,
  first: readonly Appeal[],
  sellers: number,
): Appeal[] {
  return new DeskWork(seed, desk, first, sellers).run()
}

class DeskWork {
  readonly #seed: number
  readonly #desk: Desk
  readonly #sellers: number
  readonly #appeals: Appeal[]
  /** Cycles that have not reached the desk yet, latest first. */
  readonly #coming: Work[]
  /** Cycles ready to be worked, oldest first. */
  readonly #ready: Work[] = []
  #seconds = 0

  constructor(seed: number, desk: Desk, first: readonly Appeal[], sellers: number) {
    this.#seed = seed
    this.#desk = desk
    this.#sellers = sellers
    this.#appeals = [...first]
    this.#coming = first
      .filter(({ isForgotten }) => !isForgotten)
      .map((appeal) => ({ appeal, since: appeal.receivedAt, cycle: 1 }))
      .toReversed()
  }

  run(): Appeal[] {
    const hours = openHours(officeOf(this.#desk.office)).filter(
      ({ from }) => from < EXTRACTED_AT && from >= FIRST_DAY * DAY,
    )
    const slots = hours.reduce((sum, { from, to }) => sum + (to - from) / SLOT, 0)
    const needed = this.#coming.length / slots
    const staffed = Math.max(
      needed / this.#desk.load,
      (4 / ((hours[0]?.to ?? 0) - (hours[0]?.from ?? 0))) * SLOT,
    )
    let credit = 0
    for (const { from, to } of hours) {
      const season = appealSeason(Math.floor(from / DAY))
      for (let slot = from; slot < Math.min(to, EXTRACTED_AT); slot += SLOT) {
        this.#admit(slot)
        credit +=
          season *
          (this.#isIn(slot, staffLoss.to) ? (needed / 0.95) * staffLoss.staffLeft : staffed)
        while (credit >= 1 && this.#workOne(slot)) credit -= 1
        credit = Math.min(credit, 1)
      }
    }
    this.#admit(EXTRACTED_AT)
    for (const work of [...this.#ready, ...this.#coming]) this.#stayOpen(work)
    for (const appeal of this.#appeals) {
      if (appeal.isForgotten) this.#stayOpen({ appeal, since: appeal.receivedAt, cycle: 1 })
    }
    for (const appeal of this.#appeals) appeal.events.sort((a, b) => a.at - b.at)
    return this.#appeals
  }

  /** Whether the staff loss, or what it leads to until a day, holds here and now. */
  #isIn(second: number, lastDay: number): boolean {
    const { marketplace, from } = staffLoss
    return (
      this.#desk.marketplace === marketplace && second >= from * DAY && second < (lastDay + 1) * DAY
    )
  }

  #admit(upTo: number): void {
    for (let next = this.#coming.at(-1); next && next.since <= upTo; next = this.#coming.at(-1)) {
      this.#coming.pop()
      insertSorted(this.#ready, next, (work) => work.since)
    }
  }

  /** Decides one cycle; false when none is ready. After the staff loss the newest go first, so the old ones rot. */
  #workOne(slot: number): boolean {
    const isNewestFirst = this.#isIn(slot, staffLoss.newestFirstUntil)
    for (let skipped = 0; skipped < this.#ready.length;) {
      const at = isNewestFirst ? this.#ready.length - 1 - skipped : skipped
      const work = this.#ready[at] as Work
      const { leaves, waits } = work.appeal
      if (work.cycle === 1 && leaves && (leaves.at <= slot || leaves.as !== 'withdrawn')) {
        this.#ready.splice(at, 1)
        this.#leave(work.appeal, Math.max(work.since + 60, Math.min(leaves.at, slot)))
      } else if (work.cycle === 1 && waits && waits.from <= slot && slot < waits.to) skipped++
      else {
        this.#ready.splice(at, 1)
        this.#decide(work, slot)
        return true
      }
    }
    return false
  }

  #leave(appeal: Appeal, at: number): void {
    if (!appeal.leaves || at > EXTRACTED_AT) return
    this.#wait(appeal, at)
    appeal.events.push({ type: appeal.leaves.as, at })
  }

  #decide({ appeal, since, cycle }: Work, slot: number): void {
    const { random } = appeal
    const at = Math.max(slot, since + 1) + 1 + Math.floor(random.next() * (SLOT - 2))
    const agent = random.whole(24, 39)
    if (cycle === 1) {
      this.#wait(appeal, at)
      appeal.events.push({
        type: 'first_response',
        at: Math.max(since + 1, at - random.whole(600, 6 * HOUR)),
        agent,
      })
    }
    const decision = random.weighted<Decision>(
      appeal.level === 1
        ? [
            ['upheld', 70],
            ['overturned', 22],
            ['partial', 8],
          ]
        : [
            ['upheld', 80],
            ['overturned', 15],
            ['partial', 5],
          ],
    )
    const reason =
      decision === 'upheld'
        ? 'original_right'
        : random.pick(['original_wrong', 'new_evidence', 'proportionality'])
    const closedAt = at + random.whole(60, DAY)
    appeal.events.push(
      { type: 'decided', at, agent, decision, reason },
      { type: 'closed', at: closedAt, agent },
    )
    if (cycle < 3 && random.chance(0.03)) {
      const reopenedAt = closedAt + 60 + Math.floor(random.between(0.1, 25) * DAY)
      appeal.events.push({ type: 'reopened', at: reopenedAt })
      this.#comes({ appeal, since: reopenedAt, cycle: cycle + 1 })
    } else if (appeal.level === 1 && decision === 'upheld' && random.chance(0.07))
      this.#appealAgain(appeal, closedAt)
  }

  #appealAgain(parent: Appeal, closedAt: number): void {
    const receivedAt = closedAt + 60 + Math.floor(parent.random.between(0.2, 14) * DAY)
    if (receivedAt >= EXTRACTED_AT) return
    const random = stream(this.#seed, 'second appeal', this.#desk.queue, this.#seconds++)
    const appeal = makeAppeal(this.#desk, receivedAt, parent, this.#sellers, random)
    this.#appeals.push(appeal)
    if (!appeal.isForgotten) this.#comes({ appeal, since: receivedAt, cycle: 1 })
  }

  #comes(work: Work): void {
    insertSorted(this.#coming, work, ({ since }) => -since)
  }

  /** Writes the wait on the seller as far as it came before this instant. */
  #wait(appeal: Appeal, before: number): void {
    const { waits } = appeal
    if (!waits || waits.from >= before) return
    appeal.events.push({ type: 'paused', at: waits.from, agent: 24 })
    if (waits.to < before) appeal.events.push({ type: 'resumed', at: waits.to })
  }

  #stayOpen({ appeal, since, cycle }: Work): void {
    if (since > EXTRACTED_AT || cycle > 1) return
    if (appeal.leaves && appeal.leaves.at <= EXTRACTED_AT) this.#leave(appeal, appeal.leaves.at)
    else this.#wait(appeal, EXTRACTED_AT)
  }
}

function insertSorted(sorted: Work[], work: Work, rank: (work: Work) => number): void {
  let at = sorted.length
  while (at > 0 && rank(sorted[at - 1] as Work) > rank(work)) at--
  sorted.splice(at, 0, work)
}
