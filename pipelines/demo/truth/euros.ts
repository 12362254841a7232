import type { PublishedRates } from '../fx.ts'
import { dateText } from '../time.ts'
import { divideRounded, EURO } from './exact.ts'

const CARRIED_DAYS = 7
const TENS = [1n, 10n, 100n, 1000n]

interface Rate {
  units: bigint
  scale: bigint
}

/** Converts minor units to euros with the published rates, the last one at most seven days old. */
export class Euros {
  readonly #rates = new Map<string, Map<number, Rate>>()

  constructor(published: readonly PublishedRates[]) {
    for (const { day, rates } of published) {
      for (const [currency, text] of rates) this.#publish(currency, day, text)
    }
  }

  /** The rate in force on a day, as units / scale. */
  rateOn(currency: string, day: number): Rate {
    if (currency === 'EUR') return { units: 1n, scale: 1n }
    const rate = this.#rates.get(currency)?.get(day)
    if (!rate)
      throw new Error(
        `The demo has no rate for ${currency} on ${dateText(day)}. Publish one in pipelines/demo/fx.ts.`,
      )
    return rate
  }

  /** An amount in minor units on a day, in ten-billionths of a euro. */
  of(minor: number, exponent: number, currency: string, day: number): bigint {
    if (minor === 0) return 0n
    const perMajor = TENS[exponent] as bigint
    if (currency === 'EUR') return BigInt(minor) * (EURO / perMajor)
    const { units, scale } = this.rateOn(currency, day)
    return divideRounded(BigInt(minor) * EURO * scale, perMajor * units)
  }

  #publish(currency: string, day: number, text: string): void {
    const [whole = '', fraction = ''] = text.split('.')
    const rate = { units: BigInt(whole + fraction), scale: 10n ** BigInt(fraction.length) }
    const days = this.#rates.get(currency) ?? new Map<number, Rate>()
    this.#rates.set(currency, days)
    for (let carried = 0; carried <= CARRIED_DAYS; carried++) days.set(day + carried, rate)
  }
}
