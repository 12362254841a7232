import type { Marketplace } from './marketplaces.ts'
import type { Outcome } from './payment-mix.ts'
import { instantText } from './time.ts'

const GATEWAY = 'gateway'

/** The id of the payment with this number. */
export const paymentId = (number: number) => `P${number.toString(36).padStart(4, '0')}`

/** A payment as the gateway writes it: what all its lines share is put together once. */
export class Payment {
  readonly partner: string
  readonly amount: number
  readonly #id: string
  readonly #head: string
  readonly #who: string
  readonly #currency: string

  constructor(
    id: string,
    marketplace: Marketplace,
    method: string,
    partner: string,
    amount: number,
  ) {
    this.partner = partner
    this.amount = amount
    this.#id = id
    this.#head = `${GATEWAY},${id}`
    this.#who = `,${marketplace.code},${partner},${method},`
    this.#currency = `,${marketplace.currency}\n`
  }

  line(
    suffix: string,
    typeAndAttempt: string,
    at: number,
    recordedAt: number,
    outcome: Outcome | '',
    reason: string,
    money: number,
  ): string {
    const what = `${this.#head}${suffix},${this.#id},${typeAndAttempt},`
    return `${what}${instantText(at)},${instantText(recordedAt)}${this.#who}${outcome},${reason},${money}${this.#currency}`
  }
}
