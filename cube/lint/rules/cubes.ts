import { DATA_VERSION } from '../../server/data-version.ts'
import { finding, type Finding, type Model, type Rule } from '../model.ts'

/** Cubes are building blocks; views are what people see. */
export const cubeRules: Rule[] = [
  cubesArePrivate,
  joinsKeepTheGrain,
  rollupsStayInPostgres,
  rollupsFollowTheData,
]

function cubesArePrivate({ cubes }: Model): Finding[] {
  return cubes
    .filter((cube) => cube.public !== false)
    .map((cube) => finding(cube, 'is not "public: false". Only views are public.'))
}

/** Any other relationship repeats the rows of the fact, and every sum with them. */
function joinsKeepTheGrain({ cubes }: Model): Finding[] {
  return cubes.flatMap((cube) =>
    (cube.joins ?? [])
      .filter(({ relationship }) => relationship !== 'many_to_one')
      .map(({ name, relationship }) =>
        finding(cube, `joins ${name} ${relationship}. Joins are many_to_one, from the fact.`),
      ),
  )
}

function rollupsStayInPostgres({ cubes }: Model): Finding[] {
  return cubes.flatMap((cube) =>
    (cube.pre_aggregations ?? [])
      .filter(({ external }) => external !== false)
      .map(({ name }) =>
        finding(
          cube,
          'is not "external: false", and needs a Cube Store that may not be there.',
          name,
        ),
      ),
  )
}

/** Without it a rollup is an hour old at worst, and nothing says so. */
function rollupsFollowTheData({ cubes }: Model): Finding[] {
  return cubes.flatMap((cube) =>
    (cube.pre_aggregations ?? [])
      .filter(({ refresh_key }) => refresh_key?.sql !== DATA_VERSION)
      .map(({ name }) =>
        finding(cube, `does not have the refresh_key "${DATA_VERSION}", and goes stale.`, name),
      ),
  )
}
