import { marketplaces } from '../marketplaces.ts'
import { CALENDAR_DAYS, CALENDAR_START } from '../time.ts'

/** The rows a value is asked of: a marketplace's or all, from a day to a day or for ever. */
export interface Slice {
  marketplace: number | null
  from: number | null
  to: number | null
}

/** Something added up by marketplace and business date: a count. */
export class CountSeries {
  readonly #cells = new Int32Array(marketplaces.length * CALENDAR_DAYS)

  add(marketplace: number, day: number, amount = 1): void {
    const at = marketplace * CALENDAR_DAYS + day - CALENDAR_START
    this.#cells[at] = (this.#cells[at] as number) + amount
  }

  sum(slice: Slice): bigint {
    let sum = 0
    for (const at of cellsOf(slice)) sum += this.#cells[at] as number
    return BigInt(sum)
  }
}

/** Something added up by marketplace and business date that outgrows a number: money, microseconds. */
export class BigSeries {
  readonly #cells = Array.from({ length: marketplaces.length * CALENDAR_DAYS }, () => 0n)

  add(marketplace: number, day: number, amount: bigint): void {
    const at = marketplace * CALENDAR_DAYS + day - CALENDAR_START
    this.#cells[at] = (this.#cells[at] as bigint) + amount
  }

  sum(slice: Slice): bigint {
    let sum = 0n
    for (const at of cellsOf(slice)) sum += this.#cells[at] as bigint
    return sum
  }
}

/** Whether a row of this marketplace and day is in the slice. */
export const holds = (slice: Slice, marketplace: number, day: number) =>
  (slice.marketplace === null || slice.marketplace === marketplace) &&
  (slice.from === null || day >= slice.from) &&
  (slice.to === null || day <= slice.to)

function* cellsOf({ marketplace, from, to }: Slice): Generator<number> {
  const first = Math.max(0, (from ?? CALENDAR_START) - CALENDAR_START)
  const last = Math.min(CALENDAR_DAYS - 1, (to ?? Infinity) - CALENDAR_START)
  for (const { index } of marketplaces) {
    if (marketplace !== null && marketplace !== index) continue
    for (let day = first; day <= last; day++) yield index * CALENDAR_DAYS + day
  }
}
