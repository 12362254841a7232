import type { HandDimension, HandView } from '../by-hand/hand-view.ts'
import type { Dice } from './dice.ts'
import { quote, type Say } from './words.ts'

/** What rows are grouped by, or told by: a dimension, or an expression over some. */
export interface Key {
  say: Say
  /** Keys of one kind can be compared with each other. */
  kind: 'text' | 'day' | 'time' | 'number' | 'bool'
}

/** The dimensions of a view whose values somebody may compute with. */
export function openDimensions(view: HandView, hidden: string[]): HandDimension[] {
  return view.dimensions.filter(({ name }) => !hidden.includes(`${view.name}.${name}`))
}

/** A dimension as it is; one that tells every row apart is rare. */
export function plainKey(view: HandView, dice: Dice, kind?: Key['kind']): Key {
  const dimensions = view.dimensions.filter((one) => !kind || kindOf(one) === kind)
  const dimension = dice.pick(dimensions.filter((one) => !one.isId || dice.chance(0.15)))
  return { say: (w) => w.column(dimension.name), kind: kindOf(dimension) }
}

function someKey(view: HandView, dice: Dice, hidden: string[]): Key {
  if (dice.chance(0.5)) return plainKey(view, dice)
  const dimension = dice.pick(openDimensions(view, hidden).filter((one) => !one.isId))
  return dice.pick(expressions(dimension, dice))
}

export function someKeys(view: HandView, dice: Dice, hidden: string[], most = 3): Key[] {
  const count = dice.pick([1, 1, 2, 2, 3].filter((one) => one <= most))
  return Array.from({ length: count }, () => someKey(view, dice, hidden))
}

function kindOf({ type }: HandDimension): Key['kind'] {
  return type === 'int' ? 'number' : type
}

function expressions({ name, type, values }: HandDimension, dice: Dice): Key[] {
  const [one = '', other = ''] = dice.some(values, 2, 2)
  if (type === 'day') return days(name, dice, one)
  if (type === 'bool')
    return [
      { say: (w) => `COALESCE(${w.column(name)}, false)`, kind: 'bool' },
      { say: (w) => `CASE WHEN ${w.column(name)} THEN 'yes' ELSE 'no' END`, kind: 'text' },
      { say: (w) => `${w.column(name)} IS NULL`, kind: 'bool' },
    ]
  if (type === 'int')
    return [
      { say: (w) => `${w.column(name)} * 10 + 1`, kind: 'number' },
      { say: (w) => `${w.column(name)} > 1`, kind: 'bool' },
    ]
  return texts(name, one, other)
}

function days(name: string, dice: Dice, one: string): Key[] {
  const unit = dice.pick(['day', 'week', 'month', 'quarter', 'year'])
  const field = dice.pick(['year', 'month', 'quarter', 'week', 'isoyear', 'dow', 'doy', 'day'])
  const format = dice.pick(['YYYY-MM', 'IYYY-"W"IW', 'YYYY-"Q"Q', 'FMDay DD'])
  return [
    { say: (w) => w.cut(unit, name), kind: 'time' },
    { say: (w) => w.cut(unit, name), kind: 'time' },
    { say: (w) => `CAST(${w.cut(unit, name)} AS DATE)`, kind: 'day' },
    { say: (w) => `EXTRACT(${field} FROM ${w.column(name)})`, kind: 'number' },
    { say: (w) => `TO_CHAR(${w.column(name)}, '${format}')`, kind: 'text' },
    { say: (w) => `${w.column(name)}::text`, kind: 'text' },
    { say: (w) => `date_part('${field}', ${w.column(name)})`, kind: 'number' },
    { say: (w) => `to_char(${w.cut(unit, name)}, 'YYYY-MM-DD')`, kind: 'text' },
    ...inOtherDialects(name),
    { say: (w) => `${w.column(name)} + 7`, kind: 'day' },
    { say: (w) => `${w.column(name)} - DATE ${quote(one)}`, kind: 'number' },
    {
      say: (w) => `CASE WHEN ${w.column(name)} < ${quote(one)} THEN 'before' ELSE 'since' END`,
      kind: 'text',
    },
    { say: (w) => `${w.column(name)} >= DATE ${quote(one)}`, kind: 'bool' },
  ]
}

/** Weeks from Sunday as Tableau writes them, and functions of Redshift as QuickSight does. */
function inOtherDialects(name: string): Key[] {
  const since = "DATE '2024-01-01'"
  return [
    {
      say: (w) => {
        const day = w.column(name)
        const asked = `(DATE_TRUNC('week', ${day} + INTERVAL '1 day') - INTERVAL '1 day')::date`
        return w.either(asked, `${day} - EXTRACT(dow FROM ${day})::int`)
      },
      kind: 'day',
    },
    {
      say: (w) => {
        const day = w.column(name)
        return w.either(`DATEADD(day, 7, ${day})`, `(${day} + 7)::timestamp`)
      },
      kind: 'time',
    },
    {
      say: (w) => {
        const day = w.column(name)
        const weeks = `(date_trunc('week', ${day}::timestamp)::date - ${since}) / 7`
        return w.either(`DATEDIFF('week', ${since}, ${day})`, weeks)
      },
      kind: 'number',
    },
    {
      say: (w) => {
        const day = w.column(name)
        const months = `(EXTRACT(YEAR FROM ${day}) - 2024) * 12 + EXTRACT(MONTH FROM ${day}) - 1`
        return w.either(`datediff(month, ${since}, ${day})`, months)
      },
      kind: 'number',
    },
  ]
}

function texts(name: string, one: string, other: string): Key[] {
  return [
    {
      say: (w) => `CASE WHEN ${w.column(name)} = ${w.literal(one)} THEN 'one' ELSE 'other' END`,
      kind: 'text',
    },
    {
      say: (w) =>
        `CASE ${w.column(name)} WHEN ${w.literal(one)} THEN ${w.literal(other)} WHEN ${w.literal(other)} THEN NULL ELSE 'rest' END`,
      kind: 'text',
    },
    {
      say: (w) =>
        `CASE WHEN ${w.column(name)} IN (${w.literal(one)}, ${w.literal(other)}) THEN ${w.column(name)} ELSE 'Other' END`,
      kind: 'text',
    },
    { say: (w) => `COALESCE(${w.column(name)}, ${w.literal(other)})`, kind: 'text' },
    {
      say: (w) => {
        const column = w.column(name)
        return w.either(`NVL(${column}, 'none')`, `COALESCE(${column}, 'none')`)
      },
      kind: 'text',
    },
    { say: (w) => `NULLIF(${w.column(name)}, ${w.literal(one)})`, kind: 'text' },
    { say: (w) => `UPPER(${w.column(name)})`, kind: 'text' },
    { say: (w) => `${w.column(name)} || ${w.literal(one)}`, kind: 'text' },
    { say: (w) => `left(${w.column(name)}, 2)`, kind: 'text' },
    { say: (w) => `LENGTH(${w.column(name)})`, kind: 'number' },
    { say: (w) => `${w.column(name)} IS NOT NULL`, kind: 'bool' },
    { say: (w) => `${w.column(name)} LIKE ${w.literal(`%${one.slice(0, 2)}%`)}`, kind: 'bool' },
  ]
}
