import { additive, type HandView } from '../by-hand/hand-view.ts'
import { handViews } from '../by-hand.ts'
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
import type { Words } from './words.ts'

/** Groups under a name, and a query over them. */
export function overGroups(making: Making): Asked {
  const { dice, drawn } = making
  const plan = someGrouped(making, { keys: 2, values: 2 })
  const inner = grouped(plan)
  const floor = drawn.below(30)
  const numbers = plan.values.map((_, index) => `m${index}`)
  const [last = 'm0'] = numbers.slice(-1)
  const outer = dice.pick([
    `SELECT * FROM groups WHERE k0 IS NOT NULL`,
    `SELECT k0, COUNT(*), MAX(${last}) FROM groups GROUP BY k0`,
    `SELECT COUNT(*), COUNT(DISTINCT k0), MIN(m0) FROM groups`,
    `SELECT k0, m0, RANK() OVER (ORDER BY m0 DESC) FROM groups`,
    `SELECT a.k0, a.m0, b.${last} FROM groups a JOIN groups b ON a.k0 = b.k0`,
    `SELECT k0 FROM groups WHERE m0 = (SELECT MAX(m0) FROM groups)`,
    `SELECT * FROM (SELECT k0, m0, ROW_NUMBER() OVER (ORDER BY m0 DESC, ${plan.keys.map((_, index) => `k${index}`).join(', ')}) AS place FROM groups) ranked WHERE place <= ${floor}`,
  ])
  const isCte = dice.chance(0.5)
  return {
    say: (w) =>
      isCte || outer.match(/groups/g)!.length > 1
        ? `WITH groups AS (${inner(w)}) ${outer}`
        : outer.replace('FROM groups', () => `FROM (${inner(w)}) AS groups`),
  }
}

export function union(making: Making): Asked {
  const { dice, view } = making
  const kind = dice.pick(['text', 'day'] as const)
  const operator = dice.pick(['UNION ALL', 'UNION ALL', 'UNION', 'EXCEPT', 'INTERSECT'])
  const other = dice.pick([view, dice.pick(handViews)])
  const branch = (of: HandView) => {
    const own = { ...making, view: of }
    const { name } = dice.pick(additive(of))
    const plan = { keys: [plainKey(of, dice, kind)], where: someConditions(own) }
    return grouped({ ...plan, values: [(w) => `${w.measure(name)}::numeric`] })
  }
  const [one, two] = [branch(view), branch(other)]
  return { say: (w) => `(${one(w)}) ${operator} (${two(w.other(other))})` }
}

/** Groups of two views side by side. */
export function joinOfGroups(making: Making): Asked {
  const { dice, view } = making
  const kind = dice.pick(['text', 'day'] as const)
  const other = dice.pick(handViews)
  const side = (of: HandView) => {
    const own = { ...making, view: of }
    const plan = someGrouped(own, { keys: 1, values: 2 })
    const key =
      kind === 'day'
        ? plainKey(of, dice, 'day')
        : { say: (w: Words) => w.column('marketplace'), kind }
    return grouped({ ...plan, keys: [key] })
  }
  const [one, two] = [side(view), side(other)]
  const join = dice.pick(['JOIN', 'LEFT JOIN', 'FULL JOIN', 'RIGHT JOIN'])
  const isUsing = dice.chance(0.4)
  const isCte = dice.chance(0.4)
  const select = isUsing ? 'k0, a.m0, b.m0' : 'a.k0, b.k0, a.m0, COALESCE(b.m0::text, $$none$$)'
  const on = isUsing ? 'USING (k0)' : 'ON a.k0 = b.k0'
  return {
    say: (w) => {
      const [left, right] = [one(w), two(w.other(other))]
      return isCte
        ? `WITH a AS (${left}), b AS (${right}) SELECT ${select} FROM a ${join} b ${on}`
        : `SELECT ${select} FROM (${left}) AS a ${join} (${right}) AS b ${on}`
    },
  }
}

/** A view beside its own best: how Tableau asks for a top-N filter. */
export function topOf(making: Making): Asked {
  const { dice, view, drawn, hidden } = making
  const { name } = dice.pick(openDimensions(view, hidden).filter(({ type }) => type === 'text'))
  const rank = dice.pick(view.measures).name
  const plan = someGrouped(making, { keys: 2, values: 2 })
  const limit = 1 + drawn.below(4)
  const join = dice.pick(['INNER JOIN', 'JOIN', 'LEFT JOIN'])
  const tells = dice.chance(0.4)
  return {
    say: (w) => {
      const inner = w.other(view)
      const [key, value] = [inner.column(name), inner.measure(rank)]
      const top = `${inner.before()}SELECT ${key} AS top_key, ${value} AS top_value FROM ${inner.from()} GROUP BY ${key} ORDER BY ${value} DESC NULLS LAST, ${key} LIMIT ${limit}`
      const told = plan.keys.map((one) => one.say(w))
      const by = [...told, ...(tells ? ['top.top_value'] : [])].join(', ')
      const values = plan.values.map((one) => one(w)).join(', ')
      const conditions = plan.where.map((one) => one(w))
      const on = `${w.column(name)} = top.top_key`
      return `${w.before()}SELECT ${by}, ${values} FROM ${w.from()} ${join} (${top}) AS top ON (${on})${whereOf(conditions)} GROUP BY ${by}`
    },
  }
}

/** Only what another view has much of. */
export function whereInGroups(making: Making): Asked {
  const { dice, drawn, view, hidden } = making
  const other = dice.pick(handViews)
  const measure = dice.pick(other.measures).name
  const plan = someGrouped(making, { keys: 2, values: 2 })
  const { name } = dice.pick(openDimensions(view, hidden).filter(({ type }) => type === 'text'))
  const from = other === view ? name : 'marketplace'
  const to = other === view ? name : 'marketplace'
  const not = dice.pick(['', '', 'NOT '])
  const floor = drawn.below(100)
  const order = dice.chance(0.4) ? someOrder(dice) : undefined
  return {
    say: grouped({
      ...plan,
      order,
      where: [
        ...plan.where,
        (w) => {
          const inner = w.other(other)
          const [key, value] = [inner.column(from), inner.measure(measure)]
          const some = `${inner.column(from)} IS NOT NULL`
          return `${w.column(to)} ${not}IN (${inner.before()}SELECT ${key} FROM ${inner.from()} WHERE ${some} GROUP BY ${key} HAVING ${value} > ${floor})`
        },
      ],
    }),
    isOrdered: order !== undefined,
  }
}

/** Each group's share of all. */
export function shareOfAll(making: Making): Asked {
  const { dice, view } = making
  const plan = someGrouped(making, { keys: 2, values: 1 })
  const { name } = dice.pick(additive(view))
  const all = grouped({ keys: [], values: [(w) => w.measure(name)], where: plan.where })
  const total = dice.pick(['NULLIF', 'GREATEST'])
  return {
    say: grouped({
      ...plan,
      values: [
        ...plan.values,
        (w) =>
          `${w.measure(name)}::numeric / ${total}((${all(w.other(view))}), ${total === 'NULLIF' ? 0 : 1})`,
      ],
    }),
  }
}
