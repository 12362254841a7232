import type { SecurityContext } from './user.ts'

/** What people are to the business; a view's policies say what each sees of it. */
export const GROUPS = ['admin', 'finance', 'appeals_ops', 'partner_manager', 'viewer'] as const

/** Names that a view's policies may grant to: `finance:all`, `finance:listed`, ... and `anyone`. */
export const POLICY_GROUPS = [
  ...GROUPS.flatMap((group) => [`${group}:all`, `${group}:listed`]),
  'anyone',
]

/**
 * The names by which the policies of the views know somebody: each group with its reach, which is
 * all marketplaces or those listed. Nobody without marketplaces has one, so nothing is granted.
 */
export function policyGroups({ groups, marketplaces }: SecurityContext): string[] {
  if (marketplaces === undefined || marketplaces.length === 0) return []
  const reach = marketplaces === 'all' ? 'all' : 'listed'
  const known = GROUPS.filter((group) => groups.includes(group))
  return known.length > 0 ? [...known.map((group) => `${group}:${reach}`), 'anyone'] : []
}

/** Whether somebody sees everything, unmasked. */
export function seesEverything({ groups, marketplaces }: SecurityContext) {
  return groups.includes('admin') && marketplaces === 'all'
}
