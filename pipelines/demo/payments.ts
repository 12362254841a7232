import { rawPaymentEvent } from '../payments/payment-event.ts'
import { recordedAfter, send } from './dirt.ts'
import { FeedFiles } from './feed-files.ts'
import type { Cut, Written } from './feed-files.ts'
import type { Marketplace } from './marketplaces.ts'
import { methodMix, partnersOf, declineMix, declineGroupOf } from './payment-mix.ts'
import type { Outcome } from './payment-mix.ts'
import { Payment, paymentId } from './payment-line.ts'
import { stream } from './random.ts'
import type { Random } from './random.ts'
import { secondOfDay } from './season.ts'
import { isFraudRing, isOutage, outage } from './stories.ts'
import { DAY, dayOf, EXTRACTED_AT, HOUR } from './time.ts'
import type { PaymentTruth } from './truth/payments.ts'

const RESENT_ON = dayOf('2026-05-11')

/** Generates payments order by order and writes each event at once: nothing is kept. */
export class PaymentFeed {
  readonly #files: FeedFiles
  readonly #truth: PaymentTruth
  readonly #seed: number
  readonly #resent: string[] = []
  #next = 0

  constructor(outDir: string, cut: Cut, seed: number, truth: PaymentTruth) {
    this.#files = new FeedFiles(
      outDir,
      'payment_event',
      Object.keys(rawPaymentEvent.contract.shape).join(','),
      cut,
    )
    this.#truth = truth
    this.#seed = seed
  }

  /** Sends the payments that orders of a day begin; returns the numbers their ids are made of. */
  sendDay(
    marketplace: Marketplace,
    day: number,
    expected: number,
  ): { first: number; count: number } {
    const random = stream(this.#seed, 'payments', marketplace.code, day)
    const first = this.#next
    const count = random.poisson(expected)
    const start = marketplace.zone.startOf(day)
    const length = marketplace.zone.lengthOf(day)
    for (let at = 0; at < count; at++) {
      const second = start + Math.floor((secondOfDay(random.next()) * length) / DAY)
      if (second < EXTRACTED_AT) this.#sendPayment(marketplace, day, second, random)
    }
    return { first, count: this.#next - first }
  }

  /** A payment recorded at the very end, so that the feed is known to be complete up to there. */
  sendLast(marketplace: Marketplace): void {
    const payment = new Payment(
      paymentId(this.#next++),
      marketplace,
      'card',
      'acquirer_b',
      marketplace.medianOrder,
    )
    const at = EXTRACTED_AT - 20
    this.#files.write(
      EXTRACTED_AT / DAY,
      payment.line('1', 'attempt,1', at, EXTRACTED_AT, 'authorised', '', payment.amount),
    )
    this.#truth.attempt(marketplace, at, 'authorised', null)
    this.#truth.payment(marketplace, at, at)
  }

  /** A re-send that broke off in the middle of a line: all its whole lines are known already. */
  sendBrokenFile(): void {
    const whole = this.#resent.slice(0, -1).join('')
    const half = this.#resent.at(-1)?.slice(0, 38) ?? 'gateway,P00'
    this.#files.writeExtra('2026-05-resend', whole + half)
  }

  close(): Written {
    return this.#files.close()
  }

  #sendPayment(marketplace: Marketplace, day: number, second: number, random: Random): void {
    const method = methodMix(random.next())
    const amount = Math.max(
      50,
      Math.round(marketplace.medianOrder * Math.exp(0.8 * random.normal())),
    )
    const payment = new Payment(
      paymentId(this.#next++),
      marketplace,
      method,
      partnersOf(method, random.next()),
      amount,
    )
    const isRing = isFraudRing(marketplace.code, day) && random.chance(0.06)
    let at = second
    let attempts = 0
    let submittedAt: number | null = null
    let authorisedAt: number | null = null
    const attempt = (outcome: Outcome, reason: string, money: number) => {
      attempts++
      const isSent = this.#send(
        payment,
        String(attempts),
        `attempt,${attempts}`,
        at,
        outcome,
        reason,
        money,
        random,
      )
      if (!isSent || money === 0 || outcome === 'blocked' || outcome === 'challenged') return
      this.#truth.attempt(
        marketplace,
        at,
        outcome,
        outcome === 'authorised' ? null : declineGroupOf(outcome, reason),
      )
      submittedAt ??= at
      if (outcome === 'authorised') authorisedAt ??= at
    }

    if (random.chance(0.05)) {
      attempt('authorised', '', 0)
      at += random.whole(2, 40)
    }
    if (random.chance(0.012)) return attempt('blocked', '', amount)
    if (random.chance(0.035)) {
      attempt('challenged', '', amount)
      if (random.chance(0.35)) return
      at += random.whole(20, 900)
    }
    let chance = isRing ? 0.25 : 0.936
    for (let tried = 0; tried < 4; tried++) {
      const draw = random.next()
      if (payment.partner === outage.partner && isOutage(at))
        attempt('error', draw < 0.6 ? 'PD' : '', amount)
      else if (draw < chance) attempt('authorised', '', amount)
      else {
        const [outcome, reason] = declineMix(random.next(), isRing)
        attempt(outcome, reason, amount)
      }
      if (authorisedAt !== null || !random.chance(0.62)) break
      at += retryAfter(random)
      chance = isRing ? 0.1 : 0.66
    }
    if (submittedAt !== null) this.#truth.payment(marketplace, submittedAt, authorisedAt)
    if (authorisedAt !== null && random.chance(0.925))
      this.#sendMoney(payment, authorisedAt, isRing, random)
  }

  #sendMoney(payment: Payment, authorisedAt: number, isRing: boolean, random: Random): void {
    const capturedAt = authorisedAt + Math.floor(random.exponential(9 * HOUR)) + 5
    if (!this.#send(payment, 'c', 'captured,', capturedAt, '', '', payment.amount, random)) return
    if (!random.chance(isRing ? 0.5 : 0.02)) return
    const refunded = random.chance(0.75)
      ? payment.amount
      : Math.max(1, Math.round(payment.amount * random.between(0.1, 0.9)))
    this.#send(
      payment,
      'r',
      'refunded,',
      capturedAt + Math.floor(random.between(0.5, 25) * DAY),
      '',
      '',
      refunded,
      random,
    )
  }

  /** False when the event would only be recorded after the feeds were extracted. */
  #send(
    payment: Payment,
    suffix: string,
    typeAndAttempt: string,
    at: number,
    outcome: Outcome | '',
    reason: string,
    money: number,
    random: Random,
  ): boolean {
    const recordedAt = recordedAfter(random, at)
    if (recordedAt > EXTRACTED_AT) return false
    const line = payment.line(suffix, typeAndAttempt, at, recordedAt, outcome, reason, money)
    const correctedAt = recordedAt + 6 * HOUR
    if (outcome === 'authorised' && correctedAt <= EXTRACTED_AT && random.chance(0.0005)) {
      send(
        this.#files,
        random,
        recordedAt,
        payment.line(suffix, typeAndAttempt, at, recordedAt, 'error', '', money),
      )
      send(
        this.#files,
        random,
        correctedAt,
        payment.line(suffix, typeAndAttempt, at, correctedAt, outcome, reason, money),
      )
      return true
    }
    send(this.#files, random, recordedAt, line)
    const recordedOn = Math.floor(recordedAt / DAY)
    if (recordedOn >= RESENT_ON && recordedOn < RESENT_ON + 7 && this.#resent.length < 150)
      this.#resent.push(line)
    return true
  }
}

function retryAfter(random: Random): number {
  return random.chance(0.85) ? random.whole(15, 3 * HOUR) : random.whole(3 * HOUR, 60 * HOUR)
}
