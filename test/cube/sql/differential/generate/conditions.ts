import type { HandDimension, HandView } from '../by-hand/hand-view.ts'
import type { Dice } from './dice.ts'
import { openDimensions } from './keys.ts'
import type { Say } from './words.ts'

/**
 * A condition on rows. What kind it is belongs to the shape of the question; the constants in it
 * are `drawn` anew for each question of that shape.
 */
export function someCondition(
  view: HandView,
  { dice, drawn, hidden }: { dice: Dice; drawn: Dice; hidden: string[] },
  depth = 0,
): Say {
  const again = () => someCondition(view, { dice, drawn, hidden }, depth + 1)
  if (depth < 2 && dice.chance(0.22)) {
    const [one, other] = [again(), again()]
    return dice.pick<Say>([
      (w) => `(${one(w)} OR ${other(w)})`,
      (w) => `NOT (${one(w)})`,
      (w) => `NOT (${one(w)} AND ${other(w)})`,
      (w) => `(${one(w)} OR ${other(w)}) IS TRUE`,
      (w) => `(${one(w)} AND ${other(w)}) IS NOT TRUE`,
    ])
  }
  const dimensions = openDimensions(view, hidden)
  if (dice.chance(0.04)) return pairs(dimensions, dice, drawn)
  const dimension = dice.chance(0.4) ? dimensions[0]! : dice.pick(dimensions)
  return dice.pick(conditions(dimension, dice, drawn))
}

/** Two columns at once. */
function pairs(dimensions: HandDimension[], dice: Dice, drawn: Dice): Say {
  const words = dimensions.filter(({ type }) => type === 'text')
  const [one, other] = [dice.pick(words), dice.pick(words)]
  const values = [drawn.pick(one.values), drawn.pick(other.values), drawn.pick(one.values)]
  const [first = '', second = '', third = ''] = values
  const pair: Say = (w) => `(${w.column(one.name)}, ${w.column(other.name)})`
  return dice.pick<Say>([
    (w) =>
      `${pair(w)} IN ((${w.text(first)}, ${w.text(second)}), (${w.text(third)}, ${w.text(second)}))`,
    (w) => `${pair(w)} > (${w.text(first)}, ${w.text(second)})`,
  ])
}

function conditions({ name, type, values }: HandDimension, dice: Dice, drawn: Dice): Say[] {
  if (type === 'bool')
    return [
      (w) => w.column(name),
      (w) => `NOT ${w.column(name)}`,
      (w) => `${w.column(name)} = true`,
      (w) => `${w.column(name)} IS NOT NULL`,
      (w) => `${w.column(name)} IS DISTINCT FROM true`,
    ]
  if (type === 'int')
    return [
      (w) => `${w.column(name)} = 2`,
      (w) => `${w.column(name)} > 1`,
      (w) => `${w.column(name)} IN (1, 3)`,
      (w) => `${w.column(name)} IS NULL`,
      (w) => `${w.column(name)} BETWEEN 2 AND 5`,
    ]
  if (type === 'day') return days(name, values, dice, drawn)
  return texts(name, values, dice, drawn)
}

function days(name: string, values: string[], dice: Dice, drawn: Dice): Say[] {
  const any = () => (drawn.chance(0.7) ? drawn.pick(values) : randomDay(drawn))
  const [from = '', to = ''] = [any(), any()].toSorted()
  const operator = drawn.pick(['=', '>=', '<=', '>', '<', '<>'])
  const month = from.slice(0, 7)
  const unit = dice.pick(['week', 'month', 'quarter', 'year'])
  const plain: Say[] = [
    (w) => `${w.column(name)} ${operator} ${w.day(from)}`,
    (w) => `${w.column(name)} BETWEEN ${w.day(from)} AND ${w.day(to)}`,
    (w) => `${w.column(name)} >= ${w.day(from)} AND ${w.column(name)} < ${w.day(to)}`,
    (w) => `${w.column(name)}::timestamp ${operator} TIMESTAMP '${from} 00:00:00'`,
  ]
  return [
    ...plain,
    ...plain,
    ...plain,
    (w) => `${w.day(from)} <= ${w.column(name)}`,
    (w) => `${w.column(name)} ${operator} TIMESTAMP '${from} 13:30:00'`,
    (w) => `${w.column(name)} NOT BETWEEN ${w.day(from)} AND ${w.day(to)}`,
    (w) => `${w.column(name)} IN (${w.day(from)}, ${w.day(to)})`,
    (w) => `EXTRACT(YEAR FROM ${w.column(name)}) ${operator} ${from.slice(0, 4)}`,
    (w) => `${w.cut(unit, name)} ${operator} TIMESTAMP '${from} 00:00:00'`,
    (w) => `${w.cut('month', name)} = '${month}-01'`,
    (w) => `TO_CHAR(${w.column(name)}, 'YYYY-MM') = ${w.text(month)}`,
    (w) => `${w.column(name)}::text LIKE ${w.text(`${month}%`)}`,
    (w) => `${w.column(name)} >= DATE '${to}' - INTERVAL '90 days'`,
    (w) => `${w.column(name)} IS NOT NULL`,
  ]
}

function texts(name: string, values: string[], dice: Dice, drawn: Dice): Say[] {
  const any = () => (drawn.chance(0.9) ? drawn.pick(values) : 'no such')
  const [one, two, three] = [any(), any(), any()]
  const operator = drawn.pick(['<>', '>', '<=', '>='])
  const like = drawn.pick(['LIKE', 'ILIKE', 'NOT LIKE'])
  const pattern = `${one.slice(0, 1)}%`.replace('\\', '_')
  const plain: Say[] = [
    (w) => `${w.column(name)} = ${w.text(one)}`,
    (w) => `${w.column(name)} IN (${w.text(one)}, ${w.text(two)}, ${w.text(three)})`,
    (w) => `${w.column(name)} IS NULL`,
    (w) => `${w.column(name)} IS NOT NULL`,
  ]
  return [
    ...plain,
    ...plain,
    (w) => `${w.text(one)} = ${w.column(name)}`,
    (w) => `${w.column(name)} ${operator} ${w.text(one)}`,
    (w) => `${w.column(name)} NOT IN (${w.text(one)}, ${w.text(two)})`,
    (w) => `${w.column(name)} ${like} ${w.text(pattern)}`,
    (w) => `UPPER(${w.column(name)}) = ${w.text(one.toUpperCase())}`,
    (w) => `COALESCE(${w.column(name)}, '') = ${w.text(one)}`,
    (w) => `${w.column(name)} = ANY (ARRAY[${w.text(one)}, ${w.text(two)}])`,
    (w) => `${w.column(name)} IS DISTINCT FROM ${w.text(one)}`,
    (w) => `(${w.column(name)} = ${w.text(one)}) IS NOT TRUE`,
  ]
}

function randomDay(drawn: Dice) {
  const from = Date.UTC(2023, 10, 1)
  return new Date(from + drawn.below(900) * 86_400_000).toISOString().slice(0, 10)
}
