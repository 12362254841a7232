import { additive, type HandView } from '../by-hand/hand-view.ts'
import type { Dice } from './dice.ts'
import type { Say } from './words.ts'

/** A measure, or something computed of some, for a group of rows. */
export function someValue(view: HandView, dice: Dice): Say {
  const [one, other] = [dice.pick(view.measures), dice.pick(view.measures)]
  const plain: Say = (w) => w.measure(one.name)
  return dice.pick<Say>([
    ...Array.from({ length: 8 }, () => plain),
    (w) => `ROUND(${w.measure(one.name)}::numeric, 2)`,
    (w) => `COALESCE(${w.measure(one.name)}, -1)`,
    (w) => `${w.measure(one.name)} + ${w.measure(other.name)}`,
    (w) => `100.0 * ${w.measure(one.name)}`,
    (w) => `CASE WHEN ${w.measure(one.name)} > 0 THEN 'more' ELSE 'no more' END`,
    () => 'COUNT(*)',
  ])
}

/** An aggregate over dimensions, as tools ask for to fill their lists. */
export function someCount(view: HandView, dice: Dice, hidden: string[]): Say {
  const open = view.dimensions.filter(({ name }) => !hidden.includes(`${view.name}.${name}`))
  const { name, isReferred } = dice.pick(open.filter(({ type }) => type !== 'bool'))
  const distinct = dice.pick(open).name
  return dice.pick<Say>([
    () => 'COUNT(*)',
    () => 'COUNT(1)',
    (w) => `COUNT(${isReferred ? 'DISTINCT ' : ''}${w.column(name)})`,
    (w) => `COUNT(DISTINCT ${w.column(distinct)})`,
    (w) => `MIN(${w.column(name)})`,
    (w) => `MAX(${w.column(name)})`,
  ])
}

/** What a row counts for, summed where a condition holds. */
export function someSumOfRows(view: HandView, dice: Dice, condition: Say): Say {
  const { name } = dice.pick(additive(view))
  return dice.pick<Say>([
    (w) => `SUM(CASE WHEN ${condition(w)} THEN ${w.rowValue(name)} ELSE 0 END)`,
    (w) => `SUM(${w.rowValue(name)}) FILTER (WHERE ${condition(w)})`,
    (w) => `SUM(${w.rowValue(name)} * 2)`,
    (w) => `COUNT(*) FILTER (WHERE ${condition(w)})`,
  ])
}
