import { UsageError } from '../terminal/mistakes.ts'
import { didYouMean } from '../terminal/nearest.ts'
import type { CubeMember, CubeView } from './cube-client.ts'

/** By which date a KPI's rows are counted. */
export type Basis = 'cash' | 'event' | 'cohort' | 'as_of'

/** A KPI, as Cube's model describes it. */
export interface Kpi {
  name: string
  title: string
  description: string
  view: string
  basis: Basis
  unit: string
  /** Which way is better. */
  direction: string
  /** The measure a rate is out of, and its unit. */
  denominator: string | null
  denominatorUnit: string
  /** Its page of documentation. */
  page: string | null
  /** How many days old a cohort must be before it counts; null for all that is no cohort. */
  maturesAfter: number | null
}

/** What `recoup kpi NAME` is about: one KPI, or the parts of a family such as decline_mix. */
export interface Family {
  name: string
  /** Parts by their label; a KPI on its own is the one part ''. */
  parts: { label: string; kpi: Kpi }[]
}

/** Every KPI that Cube knows, by view. */
export function kpisOf(views: readonly CubeView[]): Kpi[] {
  return views.flatMap(({ name: view, measures }) =>
    measures
      .filter(({ meta }) => meta?.basis !== undefined)
      .map((measure) => kpiOf(view, measure, measures)),
  )
}

function kpiOf(
  view: string,
  { name, shortTitle, description = '', meta = {} }: CubeMember,
  measures: readonly CubeMember[],
): Kpi {
  const word = (key: string) => (typeof meta[key] === 'string' ? meta[key] : null)
  const denominator = word('denominator')
  const outOf = measures.find((measure) => measure.name === `${view}.${denominator}`)
  return {
    name: withoutView(name),
    title: shortTitle,
    description,
    view,
    basis: word('basis') as Basis,
    unit: word('unit') ?? 'count',
    direction: word('direction') ?? 'watch',
    denominator,
    denominatorUnit: typeof outOf?.meta?.unit === 'string' ? outOf.meta.unit : 'count',
    page: word('page'),
    maturesAfter: typeof meta.matures_after === 'number' ? meta.matures_after : null,
  }
}

/** Finds what was asked for by name. */
export function findFamily(kpis: readonly Kpi[], name: string): Family {
  const exact = kpis.find((kpi) => kpi.name === name)
  if (exact) return { name, parts: [{ label: '', kpi: exact }] }

  // Parts of one whole share its name, its date and its unit: decline_mix_fraud, decline_mix_...
  const parts = kpis.filter((kpi) => kpi.name.startsWith(`${name}_`))
  const [first] = parts
  const alike = parts.every(({ view, basis, unit }) =>
    [view === first?.view, basis === first?.basis, unit === first?.unit].every(Boolean),
  )
  if (first && parts.length === 1) return { name, parts: [{ label: '', kpi: first }] }
  if (first && alike)
    return { name, parts: parts.map((kpi) => ({ label: kpi.name.slice(name.length + 1), kpi })) }

  const names = kpis.map((kpi) => kpi.name)
  throw new UsageError(
    `There is no KPI "${name}". ${didYouMean(name, names)}` +
      `The KPIs are ${names.join(', ')}. For what each means: recoup kpi`,
  )
}

/** The KPI whose title and unit stand for the family. */
export function headOf({ parts: [first] }: Family): Kpi {
  if (first) return first.kpi
  throw new Error('A family has at least one part.')
}

/** Whether a rate is out of so few that it says little. Money is no number of cases. */
export function isSmall(denominator: string | null, { denominatorUnit }: Kpi): boolean {
  return denominator !== null && denominatorUnit === 'count' && Number(denominator) < 30
}

/** `fees.marketplace` -> `marketplace`. */
export function withoutView(member: string): string {
  return member.slice(member.indexOf('.') + 1)
}
