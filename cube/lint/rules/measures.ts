import { finding, shownBy, type Entity, type Finding, type Member, type Model } from '../model.ts'
import type { Rule } from '../model.ts'

/** A number that finance signs: a ratio of sums, with its basis and unit beside it. */
export const measureRules: Rule[] = [noAverages, ratiosAreOfSums, publicMeasuresSayWhatTheyAre]

function noAverages({ cubes }: Model): Finding[] {
  return measures(cubes)
    .filter(({ measure }) => measure.type === 'avg')
    .map(({ cube, measure }) =>
      finding(
        cube,
        'is an average of rows. Divide a sum by a count, so that it adds up.',
        measure.name,
      ),
    )
}

function ratiosAreOfSums({ cubes }: Model): Finding[] {
  return measures(cubes).flatMap(({ cube, measure }) =>
    problemsOfDivision(measure).map((problem) => finding(cube, problem, measure.name)),
  )
}

function problemsOfDivision({ type, sql = '' }: Member) {
  const divisors = [...sql.matchAll(/\/\s*([^\s]+)/g)].map(([, divisor = '']) => divisor)
  const byMeasures = divisors.filter((divisor) => !/^\d/.test(divisor))
  if (byMeasures.length === 0) return []
  return [
    ...(type === 'number' ? [] : [`divides inside a ${type}. A ratio is a number over two sums.`]),
    ...(byMeasures.every((divisor) => divisor.startsWith('NULLIF('))
      ? []
      : ['divides without NULLIF(..., 0). Nothing divided by nothing has no value.']),
    ...(/::numeric/.test(sql.slice(0, sql.indexOf('/')))
      ? []
      : ['divides without ::numeric before the slash, and counts divide to whole numbers.']),
  ]
}

const ALLOWED = {
  basis: ['cash', 'event', 'cohort', 'as_of'],
  direction: ['up', 'down', 'watch'],
}

function publicMeasuresSayWhatTheyAre({ views, cubes }: Model): Finding[] {
  return views.flatMap((view) => {
    const shown = shownBy(view, cubes).shown.filter(({ kind }) => kind === 'measure')
    const names = new Set(shown.map(({ name }) => name))
    // What is about the data itself, as in the view of freshness, is no KPI.
    const kpis = shown.filter(({ meta }) => meta?.kpi !== false)
    return kpis.flatMap(({ name, meta = {} }) =>
      problemsOfMeta(meta, names).map((problem) => finding(view, problem, name)),
    )
  })
}

function problemsOfMeta(meta: Record<string, unknown>, measuresOfView: Set<string>) {
  const { unit, page, denominator } = meta
  const counted = typeof denominator === 'string' ? denominator : 'undefined'
  return [
    ...Object.entries(ALLOWED)
      .filter(([key, allowed]) => !allowed.includes(String(meta[key])))
      .map(
        ([key, allowed]) => `has meta.${key} ${String(meta[key])}. Allowed: ${allowed.join(', ')}.`,
      ),
    ...(typeof unit === 'string' ? [] : ['has no meta.unit.']),
    ...(/^docs\/kpis\/\w+\.md$/.test(String(page)) ? [] : ['has no meta.page in docs/kpis/.']),
    ...(denominator === null || measuresOfView.has(counted)
      ? []
      : [`has meta.denominator ${counted}, which is no measure of its view.`]),
  ]
}

function measures(cubes: Entity[]): { cube: Entity; measure: Member }[] {
  return cubes.flatMap((cube) => (cube.measures ?? []).map((measure) => ({ cube, measure })))
}
