import { seeded } from '#test/pipelines/encode/cells.ts'

/** Choices that are the same for the same seed. */
export interface Dice {
  /** True in this share of cases. */
  chance(share: number): boolean
  /** A whole number from 0 to below `sides`. */
  below(sides: number): number
  pick<Value>(values: readonly Value[]): Value
  /** From `least` to `most` different ones, in any order. */
  some<Value>(values: readonly Value[], least: number, most: number): Value[]
}

export function makeDice(seed: number): Dice {
  const random = seeded(Math.imul(seed + 1, 0x9e3779b1))
  const below = (sides: number) => Math.floor(random() * sides)
  const shuffled = <Value>(values: readonly Value[]) =>
    values
      .map((value) => ({ value, at: random() }))
      .toSorted((one, other) => one.at - other.at)
      .map(({ value }) => value)
  return {
    chance: (share) => random() < share,
    below,
    pick: (values) => values[below(values.length)]!,
    some: (values, least, most) =>
      shuffled(values).slice(0, least + below(Math.min(most, values.length) - least + 1)),
  }
}
