/** What is sent to Recoup, signed as standardwebhooks.com says. */
import { createHmac, timingSafeEqual } from 'node:crypto'

import { type Duration, type FromEnv, milliseconds, type Receiver } from './connector.ts'

/** An endpoint `POST /hooks/<feed>` of `recoup receive`. */
export function webhook(options: {
  secret: FromEnv
  maxBytes?: number
  tolerance?: Duration
  rotate?: Partial<Receiver['rotate']>
}): Receiver {
  const { secret, maxBytes = 2 ** 20, tolerance = { minutes: 5 }, rotate } = options
  return {
    kind: 'receive',
    origin: `POST /hooks/<feed>, signed with $${secret.variable}`,
    secret,
    maxBytes,
    tolerance,
    rotate: { bytes: 16 * 2 ** 20, after: { seconds: 10 }, ...rotate },
  }
}

/** The headers that sign a request. */
export interface Signature {
  id: string | undefined
  /** Seconds since 1970. */
  timestamp: string | undefined
  /** `v1,<base64>`, several with a space between. */
  signatures: string | undefined
}

/** Why a request is not from who knows the secret, or null if it is. */
export function distrust(
  body: Uint8Array,
  { id, timestamp, signatures }: Signature,
  { secrets, tolerance, nowMs }: { secrets: string; tolerance: Duration; nowMs: number },
): string | null {
  if (!id || !timestamp || !signatures)
    return 'The headers webhook-id, webhook-timestamp and webhook-signature must all be there.'
  const ageMs = nowMs - Number(timestamp) * 1000
  // A timestamp that is no number is not within any limit.
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(ageMs) > milliseconds(tolerance))
    return `webhook-timestamp is ${timestamp}, too far from now: ${Math.floor(nowMs / 1000)}.`
  const given = signatures.split(' ').flatMap((signature) => {
    const [version, base64] = signature.split(',')
    return version === 'v1' && base64 ? [Buffer.from(base64, 'base64')] : []
  })
  const expected = secretsIn(secrets).map((secret) => signatureOf(secret, id, timestamp, body))
  const isRight = expected.some((right) =>
    given.some((one) => one.length === right.length && timingSafeEqual(one, right)),
  )
  return isRight ? null : 'webhook-signature is not that of this body, id and timestamp.'
}

/** The signature of a body; `whsec_` before a secret means that the rest is base64. */
export function signatureOf(
  secret: string,
  id: string,
  timestamp: string,
  body: Uint8Array | string,
): Buffer {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
}

/** The headers that sign what Recoup itself sends, so that `distrust` trusts it, with each secret. */
export function signedHeaders(
  body: string,
  { id, secrets, nowMs }: { id: string; secrets: string; nowMs: number },
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000))
  const signatures = secretsIn(secrets).map(
    (secret) => `v1,${signatureOf(secret, id, timestamp, body).toString('base64')}`,
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}

/** While a secret is changed there are two, with a space between. */
function secretsIn(secrets: string): string[] {
  return secrets.split(/\s+/).filter(Boolean)
}
