import { finding, shownBy, type Finding, type Member, type Model, type Rule } from '../model.ts'

/**
 * BI tools add up what they show. Each measure says whether that is right: `additive` always,
 * `semi_additive` over anything but days, `non_additive` never.
 */
export const additivityRules: Rule[] = [measuresSayHowTheyAddUp]

function measuresSayHowTheyAddUp({ views, cubes }: Model): Finding[] {
  return views.flatMap((view) =>
    shownBy(view, cubes)
      .shown.filter(({ kind }) => kind === 'measure')
      .map((measure) => ({ measure, said: String(measure.meta?.additivity) }))
      .filter(({ measure, said }) => said !== additivityOf(measure))
      .map(({ measure, said }) =>
        finding(
          view,
          `has meta.additivity ${said}. By its type and SQL it is ${additivityOf(measure)}.`,
          measure.name,
        ),
      ),
  )
}

const ONE_SNAPSHOT = '{first_snapshot} = {last_snapshot}'
const DIVIDES_OR_RANKS = /\/|kaplan_meier|percentile|median|avg/i

function additivityOf({ type, sql = '' }: Member) {
  if (type === 'sum' || type === 'count') return 'additive'
  if (type !== 'number' || DIVIDES_OR_RANKS.test(sql)) return 'non_additive'
  return sql.includes(ONE_SNAPSHOT) ? 'semi_additive' : 'additive'
}
