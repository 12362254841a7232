import type { HandView } from '../by-hand/hand-view.ts'
import { someCondition } from './conditions.ts'
import type { Dice } from './dice.ts'
import { type Key, someKeys } from './keys.ts'
import { someValue } from './values.ts'
import type { Say } from './words.ts'

/** What a shape is made with. */
export interface Making {
  view: HandView
  /** Decides what is asked; questions of one shape share it. */
  dice: Dice
  /** Decides the constants. */
  drawn: Dice
  /** Columns hidden from the one who asks. */
  hidden: string[]
}

/** A question in no language yet, and whether its answer has an order. */
export interface Asked {
  say: Say
  isOrdered?: boolean
}

export interface Grouped {
  keys: Key[]
  values: Say[]
  where: Say[]
  having?: Say | undefined
  /** By all keys, so that no two rows are the same to it. */
  order?: Order | undefined
  limit?: number | undefined
  /** Columns are called k0, k1, ... and m0, m1, ... unless they are not named at all. */
  isUnnamed?: boolean
}

export interface Order {
  byValueFirst: boolean
  direction: string
}

export function someGrouped(making: Making, most = { keys: 3, values: 3 }): Grouped {
  const { view, dice, hidden } = making
  const count = 1 + dice.below(most.values)
  return {
    keys: someKeys(view, dice, hidden, most.keys),
    values: Array.from({ length: count }, () => someValue(view, dice)),
    where: someConditions(making),
  }
}

export function someConditions(making: Making): Say[] {
  const count = making.dice.pick([0, 1, 1, 2, 2])
  return Array.from({ length: count }, () => someCondition(making.view, making))
}

export function someOrder(dice: Dice): Order {
  const direction = dice.pick(['', ' ASC', ' DESC', ' DESC NULLS LAST', ' NULLS FIRST'])
  return { byValueFirst: dice.chance(0.6), direction }
}

export function whereOf(conditions: string[]): string {
  return conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''
}

/** `SELECT keys, values FROM view WHERE ... GROUP BY keys HAVING ... ORDER BY ... LIMIT ...` */
export function grouped({
  keys,
  values,
  where,
  having,
  order,
  limit,
  isUnnamed = false,
}: Grouped): Say {
  return (given) => {
    const w = keys.length > 0 ? { ...given, measure: given.groupMeasure } : given
    const told = keys.map(({ say }) => say(w))
    const named = (expression: string, name: string) =>
      isUnnamed ? expression : `${expression} AS ${name}`
    const select = [
      ...told.map((key, index) => named(key, `k${index}`)),
      ...values.map((value, index) => named(value(w), `m${index}`)),
    ]
    const conditions = where.map((condition) => condition(w))
    const groupBy = told.map((key, index) =>
      w.groupKey(index + 1, isUnnamed ? undefined : `k${index}`, key),
    )
    const filter = having?.(w)
    const positions = keys.map((_, index) => index + 1)
    const sorted =
      order?.byValueFirst && values.length > 0 ? [keys.length + 1, ...positions] : positions
    const rest = [
      ...(groupBy.length > 0 ? [` GROUP BY ${groupBy.join(', ')}`] : []),
      ...(filter ? [` HAVING ${filter}`] : []),
      ...(order && sorted.length > 0
        ? [` ORDER BY ${sorted.map((position) => position + order.direction).join(', ')}`]
        : []),
      ...(limit === undefined ? [] : [` LIMIT ${limit}`]),
    ]
    return `${w.before()}SELECT ${select.join(', ')} FROM ${w.from()}${whereOf(conditions)}${rest.join('')}`
  }
}
