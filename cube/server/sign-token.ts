import jwt from 'jsonwebtoken'
import type { SecurityContext } from '../access/user.ts'

/** A token for the `Authorization` header of Cube's API; by default good for one day. */
export function signToken(
  secret: string,
  context: SecurityContext,
  { expiresInSeconds = 24 * 60 * 60 } = {},
) {
  return jwt.sign(context, secret, { algorithm: 'HS256', expiresIn: expiresInSeconds })
}
