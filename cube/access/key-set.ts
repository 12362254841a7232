import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'

/** A public key of an identity provider, and the one algorithm that it may verify. */
export interface PublicKey {
  key: KeyObject
  algorithm: 'RS256' | 'ES256'
}

/** The keys that an identity provider publishes. */
export interface KeySet {
  find(kid: string): Promise<PublicKey | undefined>
}

const KEPT_MS = 5 * 60_000
const WITHIN_MS = 60_000
const FETCHES_WITHIN = 5

/**
 * Fetches keys when they are first needed, every five minutes, and for a key it does not know: a
 * provider that changes its keys signs with the new one at once. Names that somebody makes up cause
 * a few fetches a minute at most.
 */
export function openKeySet(url: string): KeySet {
  let keys = new Map<string, PublicKey>()
  let fetchedAt: number | undefined
  let attempts: number[] = []
  let underWay: Promise<void> | undefined

  const refresh = async () => {
    keys = await fetchKeys(url)
    fetchedAt = Date.now()
  }
  const refreshOnce = () =>
    (underWay ??= refresh().finally(() => {
      underWay = undefined
    }))

  const mayFetch = () => {
    attempts = attempts.filter((at) => at > Date.now() - WITHIN_MS)
    if (underWay || attempts.length >= FETCHES_WITHIN) return underWay !== undefined
    attempts.push(Date.now())
    return true
  }

  return {
    async find(kid) {
      const isOld = fetchedAt === undefined || fetchedAt < Date.now() - KEPT_MS
      if ((isOld || !keys.has(kid)) && mayFetch())
        // A provider that is away for a moment does not lock out whom its last keys still prove.
        await refreshOnce().catch((error: unknown) => {
          if (!keys.has(kid)) throw error
        })
      return keys.get(kid)
    },
  }
}

async function fetchKeys(url: string): Promise<Map<string, PublicKey>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000), redirect: 'error' })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  const { keys } = (await response.json()) as { keys?: (JsonWebKey & Published)[] }
  if (!Array.isArray(keys)) throw new Error(`${url} has no list of "keys"`)
  return new Map(
    keys.flatMap((jwk): [string, PublicKey][] => {
      const key = readKey(jwk)
      return key && jwk.kid ? [[jwk.kid, key]] : []
    }),
  )
}

interface Published {
  kid?: string
  use?: string
  alg?: string
}

/** A key of any other kind, such as a shared secret, is none of ours. */
function readKey(jwk: JsonWebKey & Published): PublicKey | undefined {
  const algorithm = jwk.kty === 'RSA' ? 'RS256' : jwk.crv === 'P-256' ? 'ES256' : undefined
  if (!algorithm || (jwk.use ?? 'sig') !== 'sig' || (jwk.alg ?? algorithm) !== algorithm)
    return undefined
  try {
    return { key: createPublicKey({ key: jwk, format: 'jwk' }), algorithm }
  } catch {
    return undefined
  }
}
