import type { CheckToken } from '../access/check-token.ts'
import type { SecurityContext } from '../access/user.ts'
import { fromCube } from './cube-packages.ts'

/** Lets a request in by its token, or has Cube answer 403 without a word on what was wrong with it. */
export function authorise(check: CheckToken) {
  const { CubejsHandlerError } = fromCube(
    '@cubejs-backend/api-gateway/dist/src/cubejs-handler-error',
  ) as { CubejsHandlerError: HandlerError }
  return async (request: { securityContext?: SecurityContext }, token?: string) => {
    if (!token) throw new CubejsHandlerError(403, 'Forbidden', "Authorization header isn't set")
    try {
      request.securityContext = await check(token)
    } catch (error) {
      throw new CubejsHandlerError(403, 'Forbidden', 'Invalid token', error)
    }
  }
}

/** The one kind of error that Cube answers with a status of its own. */
type HandlerError = new (status: number, type: string, sentence: string, cause?: unknown) => Error
