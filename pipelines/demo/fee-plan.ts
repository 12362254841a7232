import type { Fee } from './fees.ts'
import type { Random } from './random.ts'
import { drawPayer } from './sellers.ts'
import type { Payer } from './sellers.ts'
import { flatServiceFee, newness, wrongUnit } from './stories.ts'
import { DAY } from './time.ts'

/** Something that is going to be tried. */
export interface Step {
  at: number
  do:
    | 'collect'
    | 'fail'
    | 'correct'
    | 'penalise'
    | 'waive'
    | 'dispute'
    | 'close_dispute'
    | 'reverse'
    | 'refund'
    | 'send'
    | 'write_off'
    | 'recover'
  /** Share of what the step is about. */
  share?: number
}

/** What is going to be tried, as far as it is known when the fee is charged. */
export function planOf(fee: Fee, random: Random): Step[] {
  const after = (days: number) => fee.chargedAt + Math.floor(days * DAY) + random.whole(0, 7200)
  const late = (fee.dueOn + 15) * DAY + random.whole(0, 80_000)
  const plan: Step[] = paymentSteps(payerOf(fee, random), fee, after, random)
  if (random.chance(0.8)) plan.push({ at: late, do: 'penalise' })
  if (fee.charged !== fee.expected)
    plan.push({
      at: after(wrongUnit.correctedAfterDays + random.between(-1, 2)),
      do: 'correct',
      share: 1,
    })
  else if (random.chance(0.015))
    plan.push({
      at: after(random.between(3, 60)),
      do: 'correct',
      share: random.between(-0.35, 0.2),
    })
  if (random.chance(0.007))
    plan.push({
      at: after(random.between(2, 70)),
      do: 'waive',
      share: random.chance(0.6) ? 1 : 0.5,
    })
  if (random.chance(disputeRate(fee))) {
    const at = after(random.between(1, 40))
    plan.push(
      { at, do: 'dispute' },
      { at: at + Math.floor(random.between(4, 25) * DAY), do: 'close_dispute' },
    )
  }
  return plan
}

function paymentSteps(
  payer: Payer,
  fee: Fee,
  after: (days: number) => number,
  random: Random,
): Step[] {
  if (payer === 'offset') {
    const first = Math.min(20, 0.5 + random.exponential(5))
    if (random.chance(0.88)) return [{ at: after(first), do: 'collect', share: 1 }]
    return [
      { at: after(first), do: 'collect', share: random.between(0.3, 0.8) },
      { at: after(first + 7), do: 'collect', share: 1 },
    ]
  }
  if (payer === 'card') {
    const days = random.between(1, 29)
    const reversed: Step[] = random.chance(0.03)
      ? [{ at: after(days + random.between(2, 12)), do: 'reverse' }]
      : []
    if (random.chance(0.88)) return [{ at: after(days), do: 'collect', share: 1 }, ...reversed]
    return [
      { at: after(days), do: 'fail' },
      { at: after(days + random.between(2, 9)), do: 'collect', share: 1 },
    ]
  }
  if (payer === 'slow') {
    const days =
      Math.max(5, random.lognormal(62, 0.55)) + newness(fee.marketplace.code, fee.dueOn) * 12
    const steps: Step[] = [
      { at: after(days), do: 'collect', share: random.chance(0.6) ? 1 : random.between(0.2, 0.7) },
    ]
    if (steps[0]?.share !== 1)
      steps.push({ at: after(days + random.between(10, 60)), do: 'collect', share: 1 })
    if (random.chance(0.4)) steps.push({ at: after(random.between(2, 30)), do: 'fail' })
    return steps
  }
  const sent = random.between(95, 150)
  const partly: Step[] = random.chance(0.15)
    ? [{ at: after(random.between(20, 90)), do: 'collect', share: random.between(0.1, 0.4) }]
    : []
  return [
    { at: after(random.between(10, 35)), do: 'fail' },
    ...partly,
    { at: after(sent), do: 'send' },
  ]
}

/** Fees follow their seller's habit one time in three; a programme that is new collects badly. */
function payerOf(fee: Fee, random: Random): Payer {
  const { seller, marketplace } = fee
  const payer = random.chance(0.35)
    ? seller.payer
    : drawPayer(random.next(), marketplace, seller.tier)
  const isLate = random.chance(0.24 * newness(marketplace.code, Math.floor(fee.chargedAt / DAY)))
  return isLate && payer !== 'never' ? 'slow' : payer
}

function disputeRate(fee: Fee): number {
  const day = Math.floor(fee.chargedAt / DAY)
  const isPolicyChange =
    fee.kind === 'service_fee' &&
    day >= flatServiceFee.from &&
    day < flatServiceFee.disputedMoreUntil
  return fee.charged > 2 * fee.expected
    ? 0.15
    : isPolicyChange
      ? 0.012 * flatServiceFee.disputeFactor
      : 0.012
}
