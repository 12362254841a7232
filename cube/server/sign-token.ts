import jwt from 'jsonwebtoken'

/** Who asks, as Cube's access policies see it. */
export interface SecurityContext {
  /** Names that the policies of the views grant access to. */
  groups: string[]
  [claim: string]: unknown
}

/** A token for the `Authorization` header of Cube's API; by default good for one day. */
export function signToken(
  secret: string,
  context: SecurityContext,
  { expiresInSeconds = 24 * 60 * 60 } = {},
) {
  return jwt.sign(context, secret, { algorithm: 'HS256', expiresIn: expiresInSeconds })
}
