import { findFamily, headOf, kpisOf, type Kpi } from './catalogue.ts'
import type { CubeClient } from './cube-client.ts'
import { addDays, mondayOf, weekFrom, weekOf, type Period } from './days.ts'
import { targetFor, type Standing, standingOf, type Targets } from './targets.ts'
import type { Watermark, Watermarks } from './watermarks.ts'

/** A KPI of the first table, over the newest days it can be told for. */
export interface Headline {
  kpi: Kpi
  period: Period
  /** The week or the day, in a word. */
  when: string
  value: string | null
  denominator: string | null
  target: string | null
  standing: Standing | null
}

const headlineNames = [
  'fees_charged',
  'recovery_cash_rate',
  'recovery_cohort_rate_90d',
  'outstanding',
  'authorisation_rate_attempt',
  'authorisation_rate_payment',
  'appeals_received',
  'backlog',
  'sla_attainment',
  'overturn_rate',
  'time_to_decision_p50_hours',
  'contact_rate',
  'cost_per_contact',
  'contact_cost_per_transaction',
  'aht_minutes',
  'fcr',
]

/** The KPIs that answer "how are we doing", each with its target; of views that have data. */
export async function headlines(
  cube: CubeClient,
  watermarks: Watermarks,
  targets: Targets,
): Promise<Headline[]> {
  const kpis = kpisOf(await cube.views())
  const wanted = headlineNames.flatMap((name) => {
    const kpi = headOf(findFamily(kpis, name))
    const watermark = watermarks.get(kpi.view)
    return watermark ? [{ kpi, period: newestPeriod(kpi, watermark) }] : []
  })
  // KPIs of one view and the same days are one question to Cube.
  const groups = Map.groupBy(wanted, ({ kpi, period }) => `${kpi.view} ${period.from} ${period.to}`)
  const values = await Promise.all([...groups.values()].map((group) => valuesOf(cube, group)))
  const valueOf = Object.assign({}, ...values) as Record<string, string | null>

  return wanted.map(({ kpi, period }) => {
    const value = valueOf[kpi.name] ?? null
    const target = targetFor(targets, kpi.name, period.to)
    return {
      kpi,
      period,
      when: period.from === period.to ? period.to : weekOf(period.from),
      value,
      denominator: (kpi.denominator && valueOf[kpi.denominator]) ?? null,
      target,
      standing: standingOf(kpi, value, target),
    }
  })
}

/** The newest state, the newest mature week of a cohort, or the last complete week. */
export function newestPeriod(
  { basis, maturesAfter }: Pick<Kpi, 'basis' | 'maturesAfter'>,
  { asOf, lastCompleteWeek }: Watermark,
): Period {
  if (basis === 'as_of') return { from: asOf, to: asOf }
  if (maturesAfter === null) return weekFrom(lastCompleteWeek)
  const newest = mondayOf(addDays(asOf, -maturesAfter - 6))
  return weekFrom(newest < lastCompleteWeek ? newest : lastCompleteWeek)
}

async function valuesOf(
  cube: CubeClient,
  group: readonly { kpi: Kpi; period: Period }[],
): Promise<Record<string, string | null>> {
  const [first] = group
  if (!first) return {}
  const { view } = first.kpi
  const names = group.flatMap(({ kpi }) => [kpi.name, kpi.denominator].filter((n) => n !== null))
  const { from, to } = first.period
  const [row = {}] = await cube.load({
    measures: [...new Set(names)].map((name) => `${view}.${name}`),
    timeDimensions: [{ dimension: `${view}.day`, dateRange: [from, to] }],
  })
  return Object.fromEntries(
    names.map((name) => [name, (row[`${view}.${name}`] ?? null) as string | null]),
  )
}
