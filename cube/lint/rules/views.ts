import { finding, shownBy, type Finding, type Model, type Rule } from '../model.ts'

/** Views are the product: each member explained, and nothing in them by accident. */
export const viewRules: Rule[] = [
  includesAreExplicit,
  includesExist,
  everythingIsExplained,
  measuresAreUnique,
  noMeasureIsCalledLikeAView,
]

function includesAreExplicit({ views }: Model): Finding[] {
  return views.flatMap((view) =>
    (view.cubes ?? [])
      .filter(({ includes }) => includes === '*' || includes === undefined)
      .map(({ join_path }) =>
        finding(view, `includes everything of ${join_path}. List the members it shows.`),
      ),
  )
}

function includesExist({ views, cubes }: Model): Finding[] {
  return views.flatMap((view) =>
    shownBy(view, cubes).unknown.map((member) =>
      finding(view, `includes ${member}, which no cube has.`),
    ),
  )
}

function everythingIsExplained({ views, cubes }: Model): Finding[] {
  return views.flatMap((view) => [
    ...missing(view).map((part) => finding(view, `has no ${part}.`)),
    ...shownBy(view, cubes).shown.flatMap((member) =>
      missing(member).map((part) => finding(view, `has no ${part}.`, member.name)),
    ),
  ])
}

function missing(explained: { title?: string; description?: string }) {
  return (['title', 'description'] as const).filter((part) => !explained[part]?.trim())
}

/** The command line and the KPI pages call a measure by its name alone. */
function measuresAreUnique({ views, cubes }: Model): Finding[] {
  const seenIn = new Map<string, string>()
  return views.flatMap((view) =>
    shownBy(view, cubes)
      .shown.filter(({ kind }) => kind === 'measure')
      .flatMap(({ name }) => {
        const elsewhere = seenIn.get(name)
        seenIn.set(name, view.name)
        return elsewhere
          ? [finding(view, `is a measure of ${elsewhere} too. Give it a name of its own.`, name)]
          : []
      }),
  )
}

/** Inside the view Cube takes the one for the other, and every query of it fails. */
function noMeasureIsCalledLikeAView({ views, cubes }: Model): Finding[] {
  const taken = new Set([...views, ...cubes].map(({ name }) => name))
  return views.flatMap((view) =>
    shownBy(view, cubes)
      .shown.filter(({ name }) => taken.has(name))
      .map(({ name }) => finding(view, 'is also the name of a cube or view.', name)),
  )
}
