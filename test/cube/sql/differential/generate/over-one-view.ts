import { additive } from '../by-hand/hand-view.ts'
import { someCondition } from './conditions.ts'
import { openDimensions, plainKey } from './keys.ts'
import {
  type Asked,
  grouped,
  type Making,
  someConditions,
  someGrouped,
  someOrder,
  whereOf,
} from './shape.ts'
import { someCount, someSumOfRows } from './values.ts'
import type { Say, Words } from './words.ts'

export function plainGroups(making: Making): Asked {
  const { dice, view } = making
  const plan = someGrouped(making)
  const order = dice.chance(0.4) ? someOrder(dice) : undefined
  const floor = making.drawn.below(50) - 10
  const { name } = dice.pick(view.measures)
  return {
    say: grouped({
      ...plan,
      order,
      limit: order && dice.chance(0.6) ? 1 + making.drawn.below(8) : undefined,
      having: dice.chance(0.3) ? (w) => `${w.measure(name)} > ${floor}` : undefined,
      isUnnamed: dice.chance(0.3),
    }),
    isOrdered: order !== undefined,
  }
}

export function total(making: Making): Asked {
  return { say: grouped({ ...someGrouped(making, { keys: 1, values: 4 }), keys: [] }) }
}

/** Aggregates over dimensions beside measures. */
export function counts(making: Making): Asked {
  const { view, dice, hidden } = making
  const plan = someGrouped(making, { keys: 2, values: 1 })
  const values = [...plan.values, someCount(view, dice, hidden), someCount(view, dice, hidden)]
  return { say: grouped({ ...plan, values }) }
}

/** How many rows have a value, also of what many rows refer to. */
export function countsOfColumns(making: Making): Asked {
  const { view, dice, hidden } = making
  const plan = someGrouped(making, { keys: 2, values: 1 })
  const open = openDimensions(view, hidden)
  const referred = open.filter(({ isReferred }) => isReferred)
  const { name } = dice.pick(referred.length > 0 ? referred : open)
  const measure = dice.pick(additive(view)).name
  const count: Say = dice.pick<Say>([
    (w) => `COUNT(${w.column(name)})`,
    (w) => `SUM(CASE WHEN ${w.column(name)} IS NULL THEN 1 ELSE 0 END)`,
    (w) =>
      `COUNT(DISTINCT CASE WHEN ${w.column(name)} IS NOT NULL THEN ${w.column('marketplace')} END)`,
  ])
  return { say: grouped({ ...plan, values: [count, (w) => w.measure(measure)] }) }
}

/** Sums over a CASE, aggregates with a FILTER: what only rows can answer. */
export function sumsOfRows(making: Making): Asked {
  const { view, dice, hidden } = making
  const plan = someGrouped(making, { keys: 2, values: 1 })
  const { name } = dice.pick(additive(view))
  const counted = dice.pick(openDimensions(view, hidden)).name
  const values = [
    someSumOfRows(view, dice, someCondition(view, making)),
    someSumOfRows(view, dice, someCondition(view, making)),
    ...(dice.chance(0.5) ? [someCount(view, dice, hidden)] : []),
    ...(dice.chance(0.3) ? [(w: Words) => w.measure(name)] : []),
    ...(dice.chance(0.3) ? [(w: Words) => `COUNT(${w.column(counted)})`] : []),
  ]
  return { say: grouped({ ...plan, values }) }
}

export function distinct(making: Making): Asked {
  const { dice } = making
  const { keys, where } = someGrouped(making)
  const isOrdered = dice.chance(0.5)
  const { direction } = someOrder(dice)
  const order = keys.map((_, index) => `${index + 1}${direction}`).join(', ')
  return {
    say: (w) => {
      const told = keys.map(({ say }) => say(w))
      const conditions = where.map((condition) => condition(w))
      return `${w.before()}SELECT DISTINCT ${told.join(', ')} FROM ${w.from()}${whereOf(conditions)}${isOrdered ? ` ORDER BY ${order}` : ''}`
    },
    isOrdered,
  }
}

/** Row by row: dimensions, and what each row counts for. */
export function rows(making: Making): Asked {
  const { view, dice, drawn } = making
  const { keys } = someGrouped(making)
  const where = [...someConditions(making), someCondition(view, making)]
  const measures = dice.some(additive(view), 0, 2)
  const isOrdered = dice.chance(0.5)
  const order = [...keys, ...measures].map((_, index) => index + 1).join(', ')
  const limit = 1 + drawn.below(30)
  return {
    say: (w) => {
      const told = [
        ...keys.map(({ say }) => say(w)),
        ...measures.map(({ name }) => w.rowValue(name)),
      ]
      const conditions = where.map((condition) => condition(w))
      const end = isOrdered ? ` ORDER BY ${order} LIMIT ${limit}` : ''
      return `${w.before()}SELECT ${told.join(', ')} FROM ${w.from()}${whereOf(conditions)}${end}`
    },
    isOrdered,
  }
}

export function groupingSets(making: Making): Asked {
  const { view, dice } = making
  const plan = someGrouped(making, { keys: 1, values: 2 })
  const names = dice.some(
    view.dimensions.filter(({ isId }) => !isId).map(({ name }) => name),
    2,
    3,
  )
  const unit = dice.pick(['month', 'year'])
  const isCut = dice.chance(0.5)
  const form = dice.pick(['ROLLUP', 'CUBE', 'SETS', 'MIXED'] as const)
  const asksWhich = dice.chance(0.6)
  return {
    say: (w) => {
      const told = names.map((name) =>
        name === 'day' && isCut ? w.cut(unit, name) : w.column(name),
      )
      const [first = '', ...others] = told
      const by = {
        ROLLUP: `ROLLUP (${told.join(', ')})`,
        CUBE: `CUBE (${told.join(', ')})`,
        SETS: `GROUPING SETS ((${told.join(', ')}), (${first}), ())`,
        MIXED: `${first}, ROLLUP (${others.join(', ')})`,
      }[form]
      const select = [
        ...told,
        ...plan.values.map((value) => value(w)),
        ...(asksWhich ? [`GROUPING(${told.toReversed().join(', ')})`] : []),
      ]
      const conditions = plan.where.map((condition) => condition(w))
      return `${w.before()}SELECT ${select.join(', ')} FROM ${w.from()}${whereOf(conditions)} GROUP BY ${by}`
    },
  }
}

/** The best of each group. */
export function bestOfEach(making: Making): Asked {
  const { view, dice } = making
  const keys = [plainKey(view, dice), plainKey(view, dice)]
  const { name } = dice.pick(view.measures)
  const { where } = someGrouped(making)
  return {
    say: (w) => {
      const [one = '', other = ''] = keys.map(({ say }) => say(w))
      const value = w.measure(name)
      const conditions = where.map((condition) => condition(w))
      return `${w.before()}SELECT DISTINCT ON (${one}) ${one}, ${other}, ${value} FROM ${w.from()}${whereOf(conditions)} GROUP BY ${one}, ${other} ORDER BY ${one}, ${value} DESC, ${other}`
    },
    isOrdered: true,
  }
}

export function windows(making: Making): Asked {
  const { view, dice, hidden } = making
  const open = { ...view, dimensions: openDimensions(view, hidden) }
  const plan = someGrouped({ ...making, view: open }, { keys: 2, values: 1 })
  const { name } = dice.pick(view.measures)
  const chosen = dice.some([0, 1, 2, 3, 4, 5, 6, 7], 1, 3)
  return {
    say: (w) => {
      const told = plan.keys.map(({ say }) => say(w))
      const [first = ''] = told
      const all = told.join(', ')
      const value = () => w.measure(name)
      const choices = [
        `RANK() OVER (ORDER BY ${value()} DESC NULLS LAST)`,
        `ROW_NUMBER() OVER (PARTITION BY ${first} ORDER BY ${value()}, ${all})`,
        `LAG(${value()}) OVER (ORDER BY ${all})`,
        `SUM(${value()}) OVER (ORDER BY ${all} ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)`,
        `SUM(${value()}) OVER (PARTITION BY ${first})`,
        `SUM(COUNT(*)) OVER ()`,
        `${value()} / NULLIF(SUM(${value()}) OVER (), 0)`,
        `MAX(${value()}) OVER wide`,
      ]
      const picked = chosen.map((index) => choices[index]!)
      const conditions = plan.where.map((condition) => condition(w))
      const values = plan.values.map((one) => one(w))
      return `${w.before()}SELECT ${[all, ...values, ...picked].join(', ')} FROM ${w.from()}${whereOf(conditions)} GROUP BY ${all} WINDOW wide AS (PARTITION BY ${first})`
    },
  }
}
