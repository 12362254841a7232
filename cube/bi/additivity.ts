import type { Member } from '../lint/model.ts'

/**
 * How the values of a measure may be combined outside the server: `additive` ones may be summed,
 * `semi_additive` ones over everything but days, `non_additive` ones not at all.
 */
export type Additivity = 'additive' | 'semi_additive' | 'non_additive'

const all: readonly Additivity[] = ['additive', 'semi_additive', 'non_additive']

/** What the model says of a measure. Where it says nothing, its name and its unit decide. */
export function additivityOf({ name, meta = {} }: Member): Additivity {
  const said = all.find((additivity) => additivity === meta.additivity)
  if (said) return said
  if (/^(backlog|outstanding|unapplied_credit)/.test(name)) return 'semi_additive'
  return meta.unit === 'count' || meta.unit === 'money' ? 'additive' : 'non_additive'
}
