import type { Fee } from './fees.ts'
import type { Random } from './random.ts'
import { drawPayer } from './sellers.ts'
import type { Payer } from './sellers.ts'
import { flatServiceFee, newness, wrongUnit } from './stories.ts'
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

interface Step {
  at: number
  do: 'collect' | 'fail' | 'correct' | 'penalise' | 'waive' | 'dispute' | 'close_dispute' | 'reverse'
    | 'refund' | 'send' | 'write_off' | 'recover'
  /** Share of what the step is about. */
  share?: number
}

/** The life of a fee from its charge to the end of the demo, in order, no two events at once. */
export function liveFee(fee: Fee, random: Random): FeeEvent[] {
  const life = new Life(fee, random)
  life.run(planOf(fee, random))
  return life.events
}

/** What is going to be tried, as far as it is known when the fee is charged. */
function planOf(fee: Fee, random: Random): Step[] {
  const after = (days: number) => fee.chargedAt + Math.floor(days * DAY) + random.whole(0, 7200)
  const late = (fee.dueOn + 15) * DAY + random.whole(0, 80_000)
  const plan: Step[] = paymentSteps(payerOf(fee, random), fee, after, random)
  if (random.chance(0.8)) plan.push({ at: late, do: 'penalise' })
  if (fee.charged !== fee.expected) plan.push({ at: after(wrongUnit.correctedAfterDays + random.between(-1, 2)), do: 'correct', share: 1 })
  else if (random.chance(0.015)) plan.push({ at: after(random.between(3, 60)), do: 'correct', share: random.between(-0.35, 0.2) })
  if (random.chance(0.007)) plan.push({ at: after(random.between(2, 70)), do: 'waive', share: random.chance(0.6) ? 1 : 0.5 })
  if (random.chance(disputeRate(fee))) {
    const at = after(random.between(1, 40))
    plan.push({ at, do: 'dispute' }, { at: at + Math.floor(random.between(4, 25) * DAY), do: 'close_dispute' })
  }
  return plan
}

function paymentSteps(payer: Payer, fee: Fee, after: (days: number) => number, random: Random): Step[] {
  if (payer === 'offset') {
    const first = Math.min(20, 0.5 + random.exponential(5))
    if (random.chance(0.88)) return [{ at: after(first), do: 'collect', share: 1 }]
    return [{ at: after(first), do: 'collect', share: random.between(0.3, 0.8) }, { at: after(first + 7), do: 'collect', share: 1 }]
  }
  if (payer === 'card') {
    const days = random.between(1, 29)
    const reversed: Step[] = random.chance(0.03) ? [{ at: after(days + random.between(2, 12)), do: 'reverse' }] : []
    if (random.chance(0.88)) return [{ at: after(days), do: 'collect', share: 1 }, ...reversed]
    return [{ at: after(days), do: 'fail' }, { at: after(days + random.between(2, 9)), do: 'collect', share: 1 }]
  }
  if (payer === 'slow') {
    const days = Math.max(5, random.lognormal(62, 0.55)) + newness(fee.marketplace.code, fee.dueOn) * 12
    const steps: Step[] = [{ at: after(days), do: 'collect', share: random.chance(0.6) ? 1 : random.between(0.2, 0.7) }]
    if (steps[0]?.share !== 1) steps.push({ at: after(days + random.between(10, 60)), do: 'collect', share: 1 })
    if (random.chance(0.4)) steps.push({ at: after(random.between(2, 30)), do: 'fail' })
    return steps
  }
  const sent = random.between(95, 150)
  const partly: Step[] = random.chance(0.15) ? [{ at: after(random.between(20, 90)), do: 'collect', share: random.between(0.1, 0.4) }] : []
  return [{ at: after(random.between(10, 35)), do: 'fail' }, ...partly, { at: after(sent), do: 'send' }]
}

/** Fees follow their seller's habit one time in three; a programme that is new collects badly. */
function payerOf(fee: Fee, random: Random): Payer {
  const { seller, marketplace } = fee
  const payer = random.chance(0.35) ? seller.payer : drawPayer(random.next(), marketplace, seller.tier)
  const isLate = random.chance(0.24 * newness(marketplace.code, Math.floor(fee.chargedAt / DAY)))
  return isLate && payer !== 'never' ? 'slow' : payer
}

function disputeRate(fee: Fee): number {
  const day = Math.floor(fee.chargedAt / DAY)
  const isPolicyChange = fee.kind === 'service_fee' && day >= flatServiceFee.from && day < flatServiceFee.disputedMoreUntil
  return fee.charged > 2 * fee.expected ? 0.15 : isPolicyChange ? 0.012 * flatServiceFee.disputeFactor : 0.012
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
    for (let step = this.#nextStep(); step && step.at < EXTRACTED_AT; step = this.#nextStep()) this.#take(step)
  }

  get #open(): number {
    return this.#charge - this.#cash - this.#writtenOff
  }

  #nextStep(): Step | undefined {
    const next = this.#steps.reduce<Step | undefined>((first, step) => (!first || step.at < first.at ? step : first), undefined)
    if (next) this.#steps.splice(this.#steps.indexOf(next), 1)
    return next
  }

  #later(from: number, to: number, what: Step['do'], share = 1): void {
    this.#steps.push({ at: this.#now + Math.floor(this.#random.between(from, to) * DAY), do: what, share })
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
        return this.#happens('collection_failed', at, 0, random.pick(['low_balance', 'card_expired', 'suspended']))
      }
      case 'correct': {
        const wrong = this.#fee.expected - this.#fee.charged
        const change = wrong === 0 ? Math.round(this.#fee.charged * share) : wrong
        if (change === 0 || this.#charge + change < 0) return
        this.#charge += change
        this.#happens('adjusted', at, change, wrong === 0 ? 'quantity_correction' : 'weight_correction')
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
        return this.#happens('disputed', at, 0, random.pick(['wrong_weight', 'not_liable', 'already_registered']))
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
