/** Somebody else who signs tokens: a company's own sign-in, known by the keys it publishes. */
export interface IdentityProvider {
  /** Where its public keys are, as JSON Web Keys. */
  jwksUrl: string
  /** Whom its tokens must be for; without it a token for any other program would do. */
  audience: string
  issuer?: string
  /** The claim that holds groups and marketplaces; the token itself when left out. */
  claim?: string
}

/** The identity provider that the environment names; nothing when it names none. */
export function identityProviderOf(env: NodeJS.ProcessEnv): IdentityProvider | undefined {
  const { RECOUP_JWKS_URL: jwksUrl, RECOUP_JWT_AUDIENCE: audience } = env
  if (!jwksUrl) return undefined
  if (!isSafe(jwksUrl))
    throw new Error(
      `RECOUP_JWKS_URL is ${jwksUrl}, and whoever is on the way could exchange its keys. ` +
        'Name an address that begins with https://',
    )
  if (!audience)
    throw new Error(
      'RECOUP_JWKS_URL is set and RECOUP_JWT_AUDIENCE is not, so a token for any program of that ' +
        'identity provider would do. Set it to the audience (aud) of the tokens for Recoup.',
    )
  return {
    jwksUrl,
    audience,
    ...(env.RECOUP_JWT_ISSUER && { issuer: env.RECOUP_JWT_ISSUER }),
    ...(env.RECOUP_JWT_CLAIM && { claim: env.RECOUP_JWT_CLAIM }),
  }
}

function isSafe(address: string) {
  const url = URL.parse(address)
  if (url?.protocol === 'https:') return true
  return url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
}
