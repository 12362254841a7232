import { display } from '../terminal/values.ts'
import { type Basis, headOf, isSmall, type Kpi } from './catalogue.ts'
import type { CubeClient, CubeQuery, CubeRow } from './cube-client.ts'
import { addDays, sundayBefore, weekOf, type Day, type Period } from './days.ts'
import type { Question } from './question.ts'
import type { Watermark } from './watermarks.ts'

/** One value of a KPI, with the slice it is of. */
export interface AnswerRow {
  /** The dimensions and the span of time it was asked by. */
  slice: Record<string, string | null>
  /** The exact decimal, or null where there is nothing to divide by. */
  value: string | null
  /** The value rounded, with its unit. */
  display: string
  /** What a rate is out of: below 30 the rate says little. */
  denominator: string | null
  denominatorDisplay: string | null
  /** Out of so few that it says little. */
  isSmall: boolean
}

/** A KPI's values, and what one must know to read them. */
export interface Answer {
  kpi: string
  title: string
  description: string
  basis: Basis
  unit: string
  page: string | null
  from: Day | null
  to: Day | null
  /** The last business day the data is whole for. */
  asOf: Day
  /** Whether the days asked for are over and late data is in; null when no days were named. */
  complete: boolean | null
  /** What is not as a reader would assume, in sentences. */
  notes: string[]
  rows: AnswerRow[]
}

/** Asks Cube. */
export async function answer(
  question: Question,
  cube: CubeClient,
  watermark: Watermark,
): Promise<Answer> {
  const { family } = question
  const kpi = headOf(family)
  const { period, notes } = daysOf(question, kpi, watermark)
  const data = await cube.load(queryFor(question, period))
  const complete = period && period.to <= addDays(watermark.lastCompleteWeek, 6)
  return {
    kpi: family.name,
    ...(family.parts.length > 1
      ? { title: family.name, description: '' }
      : { title: kpi.title, description: kpi.description }),
    basis: kpi.basis,
    unit: kpi.unit,
    page: kpi.page,
    from: period?.from ?? null,
    to: period?.to ?? null,
    asOf: watermark.asOf,
    complete: kpi.basis === 'as_of' ? null : complete,
    notes: [...notes, ...incompleteness(question, kpi, period, watermark)],
    rows: data.flatMap((row) => rowsOf(question, row)),
  }
}

/** States are told at one instant: the newest, or the end of the days asked for. */
function daysOf({ period, every }: Question, kpi: Kpi, { asOf }: Watermark) {
  if (kpi.basis !== 'as_of' || (period && every)) return { period, notes: [] }
  if (!period) return { period: { from: asOf, to: asOf }, notes: [] }
  const snapshot = period.to >= asOf ? asOf : sundayBefore(period.to)
  const notes =
    snapshot === period.to
      ? []
      : [
          `States are kept for Sundays and for ${asOf}; this is the state at the end of ${snapshot}.`,
        ]
  return { period: { from: snapshot, to: snapshot }, notes }
}

function queryFor({ family, view, by, every, where }: Question, period: Period | null): CubeQuery {
  const measures = family.parts.flatMap(({ kpi }) =>
    [kpi.name, kpi.denominator].filter((name) => name !== null),
  )
  const member = (name: string) => `${view}.${name}`
  return {
    measures: [...new Set(measures)].map(member),
    dimensions: by.map(member),
    timeDimensions:
      period || every
        ? [
            {
              dimension: member('day'),
              ...(period && { dateRange: [period.from, period.to] as [string, string] }),
              ...(every && { granularity: every }),
            },
          ]
        : [],
    filters: where.map(({ dimension, values }) => ({
      member: member(dimension),
      operator: 'equals',
      values,
    })),
    order: [...(every ? [member('day')] : []), ...by.map(member)].map((name) => [name, 'asc']),
  }
}

function rowsOf({ family, view, by, every }: Question, row: CubeRow): AnswerRow[] {
  const cell = (name: string) => {
    const value = row[`${view}.${name}`] ?? null
    return value === null ? null : String(value)
  }
  const start = every && cell(`day.${every}`)?.slice(0, 10)
  const span = every && start ? { [every]: every === 'week' ? weekOf(start) : start } : {}
  const dimensions = Object.fromEntries(by.map((name) => [name, cell(name)]))
  return family.parts.map(({ label, kpi }) => {
    const value = cell(kpi.name)
    const denominator = kpi.denominator && cell(kpi.denominator)
    return {
      slice: { ...span, ...dimensions, ...(label && { part: label }) },
      value,
      display: display(value, kpi.unit),
      denominator,
      denominatorDisplay: denominator && display(denominator, kpi.denominatorUnit),
      isSmall: isSmall(denominator, kpi),
    }
  })
}

function incompleteness(
  { family }: Question,
  kpi: Kpi,
  period: Period | null,
  { asOf, lastCompleteWeek }: Watermark,
): string[] {
  if (!period || kpi.basis === 'as_of') return []
  const notes = []
  if (period.to > addDays(lastCompleteWeek, 6))
    notes.push(
      `Not complete: the last complete week is ${weekOf(lastCompleteWeek)}, the data reaches to ${asOf}.`,
    )
  for (const part of family.parts) {
    const age = part.kpi.maturesAfter
    if (age === null || addDays(period.to, age) <= asOf) continue
    const counted = addDays(asOf, -age)
    notes.push(
      `Not mature: ${part.kpi.name} counts a cohort ${age} days after it began. ` +
        (counted < period.from
          ? `None of these days is that old yet; `
          : `Of these days only those up to ${counted} are; `) +
        `all are on ${addDays(period.to, age)}.`,
    )
  }
  return notes
}
