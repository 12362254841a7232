import jwt from 'jsonwebtoken'

/** Who asks over HTTP, by the same token that Cube's API takes. */
export interface Who {
  token: string
  /** Whether everything may be seen, not only some marketplaces: a table knows no other limit. */
  seesAll: boolean
}

/** Reads an `Authorization` header; null when it proves nothing. */
export function whoAsks(header: string | undefined, secret: string): Who | null {
  const token = header?.replace(/^Bearer /i, '')
  if (!token) return null
  try {
    const claims = jwt.verify(token, secret, { algorithms: ['HS256'] }) as { groups?: unknown }
    const { groups } = claims
    return { token, seesAll: Array.isArray(groups) && groups.includes('all_marketplaces') }
  } catch {
    return null
  }
}
