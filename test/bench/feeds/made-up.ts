/** Feeds made up for measuring: any number of rows, the same ones every time. */
import type { Source } from '#kit/asset.ts'
import type { Random } from '#pipelines/demo/random.ts'

/** A feed and how its rows come about. */
export interface MadeUp {
  source: Source
  /** Cells that break a rule between columns, whatever the row. */
  breaks: [column: string, cell: string][]
  /**
   * Row `n` in the order of the contract; null is an absent value. Only `n` decides its key, and a
   * greater one sorts later. A correction has a later version than the row it corrects.
   */
  cells(n: number, random: Random, isCorrection: boolean): (string | null)[]
}

/** When the first row happened. */
export const start = Date.UTC(2025, 0, 1)

export function pick<const T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random.next() * items.length)]!
}

/** A whole number with leading zeros. */
export function textOf(number: number, digits: number): string {
  return String(Math.floor(number)).padStart(digits, '0')
}
