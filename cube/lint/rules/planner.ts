import { finding, type Entity, type Finding, type Member, type Model, type Rule } from '../model.ts'

/**
 * What the legacy planner, which runs without the native addon, leaves out or gets wrong without an
 * error. The model must give the same numbers under both planners.
 */
export const plannerRules: Rule[] = [
  noIgnoredMeasureParts,
  noMultiStageTypes,
  noRollingWindowUnlessDocumented,
  noCalendarSql,
  noSwitchDimensions,
  oneFactRootPerView,
]

const IGNORED_PARTS = [
  'grain',
  'filter',
  'multi_stage',
  'time_shift',
  'group_by',
  'reduce_by',
  'add_group_by',
]

function noIgnoredMeasureParts({ cubes }: Model): Finding[] {
  return everyMeasure(cubes).flatMap(({ cube, measure }) =>
    IGNORED_PARTS.filter((part) => part in measure).map((part) =>
      finding(cube, `has "${part}", which the legacy planner ignores.`, measure.name),
    ),
  )
}

function noMultiStageTypes({ cubes }: Model): Finding[] {
  return everyMeasure(cubes)
    .filter(({ measure }) => measure.type === 'rank' || measure.type === 'number_agg')
    .map(({ cube, measure }) =>
      finding(cube, `is a ${measure.type}, which only the native planner knows.`, measure.name),
    )
}

function noRollingWindowUnlessDocumented({ cubes }: Model): Finding[] {
  return everyMeasure(cubes)
    .filter(({ measure }) => 'rolling_window' in measure)
    .filter(({ measure }) => !/needs a date range/i.test(measure.description ?? ''))
    .map(({ cube, measure }) =>
      finding(
        cube,
        'is a rolling window, which is wrong without a date range. ' +
          'Its description must say that it needs a date range.',
        measure.name,
      ),
    )
}

function noCalendarSql({ cubes }: Model): Finding[] {
  return everyDimension(cubes).flatMap(({ cube, dimension }) => [
    ...(dimension.granularities ?? [])
      .filter(({ sql }) => sql !== undefined)
      .map(({ name }) =>
        finding(cube, `has SQL for its granularity "${name}", which is ignored.`, dimension.name),
      ),
    ...('time_shift' in dimension
      ? [finding(cube, 'has a "time_shift", which the legacy planner ignores.', dimension.name)]
      : []),
  ])
}

function noSwitchDimensions({ cubes }: Model): Finding[] {
  return everyDimension(cubes)
    .filter(({ dimension }) => dimension.type === 'switch')
    .map(({ cube, dimension }) =>
      finding(
        cube,
        'is a switch, for which the legacy planner writes invalid SQL.',
        dimension.name,
      ),
    )
}

function oneFactRootPerView({ views }: Model): Finding[] {
  return views.flatMap((view) => {
    const roots = [...new Set((view.cubes ?? []).map(({ join_path }) => join_path.split('.')[0]))]
    return roots.length > 1
      ? [
          finding(
            view,
            `starts from ${roots.join(' and ')}. A view has one fact root; ` +
              'what crosses facts comes from one cube over both.',
          ),
        ]
      : []
  })
}

function everyMeasure(cubes: Entity[]): { cube: Entity; measure: Member }[] {
  return cubes.flatMap((cube) => (cube.measures ?? []).map((measure) => ({ cube, measure })))
}

function everyDimension(cubes: Entity[]): { cube: Entity; dimension: Member }[] {
  return cubes.flatMap((cube) => (cube.dimensions ?? []).map((dimension) => ({ cube, dimension })))
}
