/** What somebody may see: the claims of a token, or the row of a user. */
export interface SecurityContext {
  /** Names that the policies of the views grant access to. */
  groups: string[]
  /** The marketplaces whose rows are seen; without this none is. */
  marketplaces?: 'all' | string[]
  [claim: string]: unknown
}

/** Somebody who may connect with a BI tool. */
export interface User {
  name: string
  context: SecurityContext
  /** Proves a password without being one, see verifier.ts. */
  verifier: string
}

/** Finds who may connect, at each connection, so that a revoked user is out at once. */
export type FindUser = (name: string) => Promise<User | undefined>
