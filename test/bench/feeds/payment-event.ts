import { CURRENCIES, MARKETPLACES } from '#pipelines/reference/codes.ts'
import { rawPaymentEvent } from '#pipelines/payments/payment-event.ts'

import { type MadeUp, pick, start, textOf } from './made-up.ts'

const OUTCOMES = ['authorised', 'authorised', 'authorised', 'declined', 'error'] as const
const REASONS = ['51', '05', '61', 'PD'] as const

/** The busiest feed there is, with its own contract. */
export const paymentEvents: MadeUp = {
  source: rawPaymentEvent,
  breaks: [],
  cells(n, random, isCorrection) {
    const type = random.next() < 0.6 ? 'attempt' : 'captured'
    const outcome = type === 'attempt' ? pick(random, OUTCOMES) : null
    const isRefused = outcome === 'declined' || outcome === 'error'
    const occurredMs = start + n * 40_000
    const recordedMs = occurredMs + Math.floor(random.next() * 6e4) + (isCorrection ? 864e5 : 0)
    return [
      'gateway',
      `PE${textOf(n, 10)}`,
      `P${textOf(n >> 1, 10)}`,
      type,
      type === 'attempt' ? String(1 + Math.floor(random.next() * 3)) : null,
      instantOf(occurredMs),
      instantOf(recordedMs),
      pick(random, MARKETPLACES),
      random.next() < 0.5 ? 'acquirer_a' : 'acquirer_b',
      random.next() < 0.7 ? 'card' : 'wallet',
      outcome,
      isRefused ? pick(random, REASONS) : null,
      String(Math.floor(50 + random.next() * random.next() * 30_000)),
      pick(random, CURRENCIES),
    ]
  },
}

function instantOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
