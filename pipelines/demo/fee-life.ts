import type { Fee } from './fees.ts'
import type { Random } from './random.ts'
import { planOf } from './fee-plan.ts'
import type { Step } from './fee-plan.ts'
import { DAY, EXTRACTED_AT } from './time.ts'
import type { FEE_EVENT_TYPES } from '../fees/fee-event.ts'

export type FeeEventType = (typeof FEE_EVENT_TYPES)[number]

/** What truly happened to a fee. Amounts are changes, signed only for adjusted. */
export interface FeeEvent {
  type: FeeEventType
  at: number
  amount: number
  reason: string | null
}

/** The life of a fee from its charge to the end of the demo, in order, no two events at once. */
export function liveFee(fee: Fee, random: Random): FeeEvent[] {
  const life = new Life(fee, random)
  life.run(planOf(fee, random))
  return life.events
}

class Life {
  readonly events: FeeEvent[] = []
  readonly #fee: Fee
  readonly #random: Random
  #steps: Step[] = []
  #now: number
  #charge = 0
  #cash = 0
  #writtenOff = 0
  #lastCollected = 0

  constructor(fee: Fee, random: Random) {
    this.#fee = fee
    this.#random = random
    this.#now = fee.chargedAt - 1
  }

  run(plan: Step[]): void {
    this.#steps = plan
    this.#charge = this.#fee.charged
    this.#happens('charged', this.#fee.chargedAt, this.#charge, null)
    for (let step = this.#nextStep(); step && step.at < EXTRACTED_AT; step = this.#nextStep())
      this.#take(step)
  }

  get #open(): number {
    return this.#charge - this.#cash - this.#writtenOff
  }

  #nextStep(): Step | undefined {
    const next = this.#steps.reduce<Step | undefined>(
      (first, step) => (!first || step.at < first.at ? step : first),
      undefined,
    )
    if (next) this.#steps.splice(this.#steps.indexOf(next), 1)
    return next
  }

  #later(from: number, to: number, what: Step['do'], share = 1): void {
    this.#steps.push({
      at: this.#now + Math.floor(this.#random.between(from, to) * DAY),
      do: what,
      share,
    })
  }

  #happens(type: FeeEventType, at: number, amount: number, reason: string | null): void {
    this.#now = Math.max(at, this.#now + 1)
    this.events.push({ type, at: this.#now, amount, reason })
  }

  #take({ at, do: what, share = 1 }: Step): void {
    const random = this.#random
    const open = this.#open
    switch (what) {
      case 'collect': {
        if (open <= 0) return
        this.#lastCollected = share >= 1 ? open : Math.max(1, Math.round(open * share))
        this.#cash += this.#lastCollected
        return this.#happens('collected', at, this.#lastCollected, null)
      }
      case 'fail': {
        if (open <= 0) return
        return this.#happens(
          'collection_failed',
          at,
          0,
          random.pick(['low_balance', 'card_expired', 'suspended']),
        )
      }
      case 'correct': {
        const wrong = this.#fee.expected - this.#fee.charged
        const change = wrong === 0 ? Math.round(this.#fee.charged * share) : wrong
        if (change === 0 || this.#charge + change < 0) return
        this.#charge += change
        this.#happens(
          'adjusted',
          at,
          change,
          wrong === 0 ? 'quantity_correction' : 'weight_correction',
        )
        if (change > 0) return this.#later(5, 25, 'collect')
        return this.#refundLater()
      }
      case 'penalise': {
        if (open <= 0) return
        const penalty = Math.max(1, Math.round(open * 0.05))
        this.#charge += penalty
        return this.#happens('adjusted', at, penalty, 'late_fee')
      }
      case 'waive': {
        const waived = Math.round(this.#charge * share)
        if (waived <= 0) return
        this.#charge -= waived
        this.#happens('waived', at, waived, random.pick(['goodwill', 'scheme_exempt']))
        return this.#refundLater()
      }
      case 'dispute':
        return this.#happens(
          'disputed',
          at,
          0,
          random.pick(['wrong_weight', 'not_liable', 'already_registered']),
        )
      case 'close_dispute':
        return this.#happens('dispute_closed', at, 0, random.pick(['upheld', 'withdrawn']))
      case 'reverse': {
        const reversed = Math.min(this.#lastCollected, this.#cash)
        if (reversed <= 0) return
        this.#cash -= reversed
        this.#happens('collection_reversed', at, reversed, 'bank_return')
        if (random.chance(0.7)) this.#later(4, 15, 'collect')
        return
      }
      case 'refund': {
        if (open >= 0) return
        this.#cash += open
        return this.#happens('refunded', at, -open, 'overpaid')
      }
      case 'send': {
        if (open <= 0) return
        this.#happens('sent_to_collections', at, 0, null)
        if (random.chance(0.12)) this.#later(10, 60, 'collect', random.between(0.3, 1))
        return this.#later(110, 200, 'write_off')
      }
      case 'write_off': {
        if (open <= 0) return
        this.#writtenOff += open
        this.#happens('written_off', at, open, 'uncollectable')
        if (random.chance(0.09)) this.#later(20, 120, 'recover', random.between(0.3, 1))
        return
      }
      case 'recover': {
        const recovered = Math.round(this.#writtenOff * share)
        if (recovered <= 0) return
        this.#writtenOff -= recovered
        this.#cash += recovered
        return this.#happens('recovered', at, recovered, null)
      }
    }
  }

  #refundLater(): void {
    if (this.#open < 0 && this.#random.chance(0.85)) this.#later(3, 14, 'refund')
  }
}
