import { UsageError } from '../terminal/mistakes.ts'
import { didYouMean } from '../terminal/nearest.ts'
import { withoutView, type Family } from './catalogue.ts'
import type { CubeView } from './cube-client.ts'
import { readDay, readWeek, type Period } from './days.ts'

/** Spans of time that a KPI can be told by. */
const granularities = ['day', 'week', 'month', 'quarter', 'year'] as const
export type Granularity = (typeof granularities)[number]

/** What was typed after `recoup kpi NAME`. */
export interface Typed {
  by?: string
  where?: string[]
  week?: string
  from?: string
  to?: string
}

/** A KPI or family, for which days, of which slice, by which dimensions. */
export interface Question {
  family: Family
  view: string
  /** Null: everything there is. */
  period: Period | null
  by: string[]
  every: Granularity | null
  where: { dimension: string; values: string[] }[]
}

/** Understands what was typed, or says what is allowed. */
export function readQuestion(family: Family, views: readonly CubeView[], typed: Typed): Question {
  const view = views.find(({ name }) => name === family.parts[0]?.kpi.view)
  const dimensions = (view?.dimensions ?? [])
    .filter(({ type }) => type !== 'time')
    .map(({ name }) => withoutView(name))
  const known = (name: string, others: readonly string[] = []) => {
    const names = [...dimensions, ...others]
    if (names.includes(name)) return name
    throw new UsageError(
      `${family.name} has no dimension "${name}". ${didYouMean(name, names)}It can be split by ` +
        `${names.join(', ')}.`,
    )
  }
  const words = (typed.by ?? '').split(',').map((word) => word.trim())
  const by = words.filter(Boolean).map((word) => known(word, granularities))
  const spans = granularities.filter((span) => by.includes(span))
  if (spans.length > 1)
    throw new UsageError(`--by takes one span of time, not ${spans.join(' and ')}.`)
  return {
    family,
    view: view?.name ?? '',
    period: readPeriod(typed),
    by: by.filter((word) => !spans.includes(word as Granularity)),
    every: spans[0] ?? null,
    where: (typed.where ?? []).map((condition) => {
      const [dimension = '', values = ''] = condition.split(/=(.*)/s)
      if (!values)
        throw new UsageError(
          `--where ${condition} must be like marketplace=DE or marketplace=DE,FR.`,
        )
      return { dimension: known(dimension), values: values.split(',') }
    }),
  }
}

function readPeriod({ week, from, to }: Typed): Period | null {
  if (week !== undefined) {
    if (from !== undefined || to !== undefined)
      throw new UsageError('Give --week, or --from and --to, not both.')
    return readWeek(week)
  }
  if (from === undefined && to === undefined) return null
  if (from === undefined || to === undefined)
    throw new UsageError('--from and --to go together; for one day write it twice.')
  const period = { from: readDay(from, '--from'), to: readDay(to, '--to') }
  if (period.from > period.to)
    throw new UsageError(`--from ${from} is after --to ${to}; swap them.`)
  return period
}
