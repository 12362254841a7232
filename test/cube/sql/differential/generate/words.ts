import type { HandView } from '../by-hand/hand-view.ts'
import { handTable } from '../by-hand.ts'
import { additive } from '../by-hand/hand-view.ts'
import type { Person } from '../people.ts'
import type { Dice } from './dice.ts'

/**
 * The words of one SELECT over a view: those of the endpoint, or those of the oracle. What is said
 * with both is one question in two languages.
 */
export interface Words {
  /** The table of the FROM; asked for last, when it is known which columns are used. */
  from(): string
  column(name: string): string
  /** An aggregate of a group. */
  measure(name: string): string
  /** The same, or the bare name of the measure where a GROUP BY says what is meant. */
  groupMeasure(name: string): string
  /** The value of one row. */
  rowValue(name: string): string
  /** A day cut to its week, month ... */
  cut(unit: string, name: string): string
  text(value: string): string
  /** A constant that the grammar or a comparison of expressions wants to be a literal. */
  literal(value: string): string
  day(value: string): string
  /** The n-th key of a GROUP BY, from 1. */
  groupKey(position: number, alias: string | undefined, expression: string): string
  /** What the endpoint knows from other dialects, and Postgres says otherwise. */
  either(asked: string, byHand: string): string
  /** The view as one table among others: its dimensions, and what each row counts for. */
  table(alias: string): string
  /** The words of another SELECT, over another view perhaps. */
  other(view: HandView): Words
  /** What stands before the SELECT, if anything. */
  before(): string
}

export type Say = (words: Words) => string

export function quote(value: string) {
  return `'${value.replaceAll("'", "''")}'`
}

/** Plain SQL over the rows by hand. */
export function handWords(view: HandView, person: Person): Words {
  const measureOf = (name: string) => view.measures.find((one) => one.name === name)!
  return {
    from: () => `${handTable(view, person)} AS hand`,
    column: (name) => `hand.${name}`,
    measure: (name) => `(${measureOf(name).sql})`,
    groupMeasure: (name) => `(${measureOf(name).sql})`,
    rowValue: (name) => `(${measureOf(name).row})`,
    cut: (unit, name) => `date_trunc('${unit}', hand.${name}::timestamp)`,
    either: (_, byHand) => byHand,
    text: quote,
    literal: quote,
    day: (value) => `DATE ${quote(value)}`,
    groupKey: (_, __, expression) => expression,
    table(alias) {
      const values = additive(view).map(({ name, row }) => `${row} AS ${name}`)
      const columns = [...view.dimensions.map(({ name }) => name), ...values]
      return `(SELECT ${columns.join(', ')} FROM ${handTable(view, person)}) AS ${alias}`
    },
    other: (of) => handWords(of, person),
    before: () => '',
  }
}

/** The endpoint's SQL, in one of the many ways that people and tools write it. */
export function askWords(view: HandView, dice: Dice, values: string[] | undefined): Words {
  const alias = dice.pick([undefined, undefined, 'f', '"T 1"', 'x'])
  const table = dice.pick([
    `bi.${view.name}`,
    view.name,
    `"bi"."${view.name}"`,
    `"recoup"."bi"."${view.name}"`,
    `BI.${view.name.toUpperCase()}`,
  ])
  const wrap = dice.pick<Wrap>(['none', 'none', 'none', 'star', 'renamed', 'with'])
  const own = wrap === 'with' ? 'base' : view.name
  const qualifier = wrap === 'none' || wrap === 'with' ? (alias ?? own) : (alias ?? 'custom_sql')
  const used = new Set<string>()

  const named = (name: string) => {
    used.add(name)
    const inner = wrap === 'renamed' ? `c_${name}` : name
    return dice.pick([
      inner,
      inner,
      inner.toUpperCase(),
      `"${inner}"`,
      `${qualifier}.${inner}`,
      `${qualifier}."${inner}"`,
    ])
  }
  const constant = (value: string) => {
    if (!values || !dice.chance(0.7)) return undefined
    values.push(value)
    return `$${values.length}`
  }
  return {
    from() {
      if (wrap === 'none') return `${table}${alias ? dice.pick([` AS ${alias}`, ` ${alias}`]) : ''}`
      if (wrap === 'with') return `base${alias ? ` ${alias}` : ''}`
      const columns = [...used].map((name) => `${name} AS c_${name}`)
      const inner = wrap === 'star' ? '*' : columns.length > 0 ? columns.join(', ') : 'day AS c_day'
      return `(SELECT ${inner} FROM ${table}) AS ${qualifier}`
    },
    column: named,
    measure: (name) => aggregate(view, name, named(name), dice),
    groupMeasure: (name) =>
      dice.chance(0.15) ? named(name) : aggregate(view, name, named(name), dice),
    rowValue: named,
    cut: (unit, name) =>
      dice.pick([
        `date_trunc('${unit}', ${named(name)})`,
        `DATE_TRUNC('${unit.toUpperCase()}', ${named(name)}::timestamp)`,
        `DATE_TRUNC('${unit}', CAST(${named(name)} AS TIMESTAMP))`,
      ]),
    text: (value) =>
      constant(value) ??
      dice.pick([quote(value), quote(value), `${quote(value)}::text`, escaped(value)]),
    either: (asked) => asked,
    literal: quote,
    day: (value) =>
      constant(value) ??
      dice.pick([
        quote(value),
        `DATE ${quote(value)}`,
        `${quote(value)}::date`,
        `CAST(${quote(value)} AS DATE)`,
        `TIMESTAMP '${value} 00:00:00'`,
      ]),
    groupKey: (position, name, expression) =>
      dice.pick([String(position), name ?? expression, expression]),
    table: (name) => `${table} AS ${name}`,
    other: (of) => askWords(of, dice, values),
    before: () => (wrap === 'with' ? `WITH base AS (SELECT * FROM ${table}) ` : ''),
  }
}

type Wrap = 'none' | 'star' | 'renamed' | 'with'

function escaped(value: string) {
  return `E${quote(value.replaceAll('\\', '\\\\'))}`
}

function aggregate(view: HandView, name: string, column: string, dice: Dice) {
  const { row, isBalance } = view.measures.find((one) => one.name === name)!
  const others = row ? ['SUM'] : isBalance ? ['SUM', 'AVG', 'MAX'] : ['AVG', 'MAX', 'min']
  const call = dice.pick(['MEASURE', 'measure', 'AGGREGATE', ...others, ...others])
  return `${call}(${column})`
}
