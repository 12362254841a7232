import jwt, { type JwtPayload, type VerifyOptions } from 'jsonwebtoken'
import { readClaims } from './claims.ts'
import type { IdentityProvider } from './identity-provider.ts'
import { openKeySet } from './key-set.ts'
import type { SecurityContext } from './user.ts'

/**
 * What a token lets its bearer see.
 * @throws when it proves nothing
 */
export type CheckToken = (token: string) => Promise<SecurityContext>

/**
 * Checks tokens that Recoup signed with its secret (HS256) and, where there is an identity provider,
 * those signed by it (RS256, ES256). Which key a token is held against follows from its algorithm,
 * and each key is good for one: a public key never serves as a secret.
 */
export function tokenCheck(secret: string, provider?: IdentityProvider): CheckToken {
  const checkForeign = provider && providerCheck(provider)
  return async (token) => {
    const header = jwt.decode(token, { complete: true })?.header
    if (!header) throw new Error('It is not a token.')
    if (header.alg !== 'HS256' && checkForeign) return await checkForeign(token, header.kid)
    return readClaims(verify(token, secret, { algorithms: ['HS256'] }))
  }
}

function providerCheck({ jwksUrl, audience, issuer, claim }: IdentityProvider) {
  const keys = openKeySet(jwksUrl)
  return async (token: string, kid: string | undefined) => {
    const found = kid === undefined ? undefined : await keys.find(kid)
    if (!found) throw new Error(`No key of the identity provider is called ${kid ?? 'nothing'}.`)
    const options = { audience, ...(issuer && { issuer }), algorithms: [found.algorithm] }
    const claims = verify(token, found.key, options)
    if (claims.exp === undefined) throw new Error('A token of an identity provider must expire.')
    return readClaims(claim === undefined ? claims : claims[claim])
  }
}

function verify(token: string, key: jwt.Secret | jwt.PublicKey, options: VerifyOptions) {
  return jwt.verify(token, key, { ...options, complete: false }) as JwtPayload
}
