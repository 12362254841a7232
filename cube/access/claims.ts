import type { SecurityContext } from './user.ts'

/**
 * What the claims of a token say of access. What is not of the right form says nothing, so that a
 * token made wrongly sees less, never more.
 */
export function readClaims(claims: unknown): SecurityContext {
  if (typeof claims !== 'object' || claims === null) return { groups: [] }
  const { groups, marketplaces } = claims as Record<string, unknown>
  const reach = marketplaces === 'all' ? marketplaces : textsOf(marketplaces)
  return { groups: textsOf(groups) ?? [], ...(reach && { marketplaces: reach }) }
}

function textsOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value.every((text) => typeof text === 'string') ? value : undefined
}
