import { additive } from '../by-hand/hand-view.ts'
import { handViews } from '../by-hand.ts'
import { openDimensions, someKeys } from './keys.ts'
import { type Asked, type Making, someConditions, whereOf } from './shape.ts'

/** What a tool's own SQL picks, names and filters, and groups around it. */
export function overProjection(making: Making): Asked {
  const { view, dice, drawn, hidden } = making
  // What is hidden is neither counted nor filtered by, whatever a wrapping SELECT calls it.
  const open = { ...view, dimensions: openDimensions(view, hidden) }
  const keys = someKeys(open, dice, hidden, 2)
  const { name } = dice.pick(additive(view))
  const where = someConditions(making)
  const floor = drawn.below(20)
  const names = keys.map((_, index) => `d${index}`).join(', ')
  const outer = dice.pick([
    `SELECT ${names}, SUM(v) FROM own GROUP BY ${names}`,
    `SELECT ${names}, SUM(v), COUNT(*) FROM own WHERE d0 IS NOT NULL GROUP BY ${names}`,
    `SELECT d0 AS key, SUM(own.v) AS value FROM own GROUP BY key HAVING SUM(v) > ${floor}`,
    `SELECT ${names}, v FROM own`,
    `SELECT COUNT(DISTINCT d0), SUM(v + 1) FROM own`,
    `SELECT d0, MAX(v), MIN(v), AVG(v) FROM (SELECT d0, v FROM own OFFSET 0) AS each GROUP BY d0`,
  ])
  const isCte = dice.chance(0.3)
  return {
    say: (w) => {
      const told = keys.map(({ say }, index) => `${say(w)} AS d${index}`)
      const value = `${w.rowValue(name)} AS v`
      const conditions = where.map((condition) => condition(w))
      const inner = `${w.before()}SELECT ${[...told, value].join(', ')} FROM ${w.from()}${whereOf(conditions)}`
      return isCte
        ? `WITH own AS (${inner}) ${outer}`
        : outer.replace('FROM own', () => `FROM (${inner}) AS own`)
    },
  }
}

/** Rows of two views joined with each other. */
export function joinOfRows(making: Making): Asked {
  const { view, dice, hidden } = making
  const other = dice.pick(handViews)
  const [left, right] = [dice.pick(additive(view)).name, dice.pick(additive(other)).name]
  const key = dice.pick(openDimensions(view, hidden).filter(({ isId }) => !isId)).name
  const join = dice.pick(['JOIN', 'LEFT JOIN', 'FULL JOIN'])
  const select = dice.pick([
    `a.${key}, COUNT(*), SUM(a.${left}), SUM(b.${right})`,
    `a.${key}, SUM(CASE WHEN b.day > '2025-06-01' THEN b.${right} ELSE 0 END), COUNT(b.day)`,
    `a.${key}, MAX(b.day), COUNT(DISTINCT b.marketplace)`,
  ])
  return {
    say: (w) =>
      `SELECT ${select} FROM ${w.table('a')} ${join} ${w.other(other).table('b')} ` +
      `ON a.day = b.day AND a.marketplace = b.marketplace GROUP BY a.${key}`,
  }
}

/** A calendar without gaps beside what happened. */
export function everyMonth(making: Making): Asked {
  const { view, dice } = making
  const { name } = dice.pick(view.measures)
  const unit = dice.pick(['month', 'week', 'quarter'])
  const where = someConditions(making)
  const step = unit === 'quarter' ? '3 months' : `1 ${unit}`
  return {
    say: (w) => {
      const inner = w.other(view)
      const cut = inner.cut(unit, 'day')
      const value = inner.measure(name)
      const conditions = where.map((condition) => condition(inner))
      return (
        `SELECT start, value FROM generate_series(TIMESTAMP '2024-12-30', '2026-03-01', '${step}') AS calendar(start) ` +
        `LEFT JOIN (${inner.before()}SELECT ${cut} AS start_of, ${value} AS value FROM ${inner.from()}${whereOf(conditions)} GROUP BY 1) AS happened ` +
        `ON start_of = date_trunc('${unit}', start) ORDER BY start`
      )
    },
    isOrdered: true,
  }
}
