import type { CheckToken } from '#cube/access/check-token.ts'
import { seesEverything } from '#cube/access/groups.ts'

/** Who asks over HTTP, by the same token that Cube's API takes. */
export interface Who {
  token: string
  /** Whether everything may be seen: a table has every marketplace, and nothing in it is masked. */
  seesAll: boolean
}

/** Reads an `Authorization` header; null when it proves nothing. */
export async function whoAsks(header: string | undefined, check: CheckToken): Promise<Who | null> {
  const token = header?.replace(/^Bearer /i, '')
  if (!token) return null
  const context = await check(token).catch(() => null)
  return context && { token, seesAll: seesEverything(context) }
}
