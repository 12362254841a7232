import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

import type { Verifier } from '../../access/verifier.ts'
import { Refusal } from '../refusal.ts'
import type { ChannelBinding } from './channel-binding.ts'
import { violation } from './start-up.ts'

/** One proof of a password by SCRAM-SHA-256 (RFC 5802, RFC 7677), seen from the server. */
export interface Scram {
  /** Takes the client's first message and gives the server's. */
  challenge(first: string): string
  /** Takes the client's last message: the server's own proof, or nothing when the client's is wrong. */
  prove(last: string): string | undefined
}

export const plain = 'SCRAM-SHA-256'
export const bound = 'SCRAM-SHA-256-PLUS'

/** `binding` ties the proof to the TLS connection; a client that can do so says it did, or why not. */
export function createScram(
  verifier: Verifier,
  { mechanism, binding }: { mechanism: string; binding: ChannelBinding | undefined },
): Scram {
  let header = ''
  let nonce = ''
  let agreed = ''
  return {
    challenge(first) {
      // The name in it is not looked at, as Postgres does: that of the start-up counts.
      const parts =
        /^((?:n|y|p=([^,]+)),(?:a=[^,]*)?,)(n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/.exec(first)
      if (!parts) throw violation('The first SCRAM message cannot be read')
      const [, flags = '', type, bare = '', theirs = ''] = parts
      checkFlags(flags, type, mechanism, binding)
      header = flags
      nonce = theirs + randomBytes(18).toString('base64')
      const { salt, iterations } = verifier
      const reply = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`
      agreed = `${bare},${reply}`
      return reply
    },
    prove(last) {
      const parts = /^(c=([^,]*),r=([^,]*)(?:,.*)?),p=([^,]*)$/.exec(last)
      if (!parts) throw violation('The last SCRAM message cannot be read')
      const [, withoutProof = '', channel = '', echoed = '', proof = ''] = parts
      const expected = [Buffer.from(header), ...(mechanism === bound && binding ? [binding] : [])]
      if (!isSame(Buffer.from(channel, 'base64'), Buffer.concat(expected))) return undefined
      if (echoed !== nonce) throw violation('The last SCRAM message repeats another nonce')
      const auth = `${agreed},${withoutProof}`
      const signature = hmac(verifier.storedKey, auth)
      const key = xor(Buffer.from(proof, 'base64'), signature)
      if (!key || !isSame(createHash('sha256').update(key).digest(), verifier.storedKey))
        return undefined
      return `v=${hmac(verifier.serverKey, auth).toString('base64')}`
    },
  }
}

/** `p` binds to the channel, `y` would have if the server could, `n` cannot. */
function checkFlags(
  flags: string,
  type: string | undefined,
  mechanism: string,
  binding: ChannelBinding | undefined,
) {
  if (mechanism === bound && type !== 'tls-server-end-point')
    throw violation(`${bound} needs channel binding of the type tls-server-end-point`)
  if (mechanism === plain && type !== undefined) throw violation(`${plain} has no channel binding`)
  // Somebody in between has taken the mechanism with binding out of the offer.
  if (flags.startsWith('y') && binding !== undefined)
    throw new Refusal('The offer of channel binding was lost on its way. The connection ends.', {
      code: '28000',
      hint: 'Find out what stands between the client and this server.',
    })
}

/**
 * What an unknown name is asked to prove, the same each time, so that it cannot be told from a
 * known one. Nothing proves it.
 */
export function mockVerifier(name: string, secret: string): Verifier {
  const salt = hmac(Buffer.from(secret), `salt of ${name}`).subarray(0, 16)
  return { iterations: 4096, salt, storedKey: randomBytes(32), serverKey: randomBytes(32) }
}

function isSame(one: Buffer, other: Buffer) {
  return one.length === other.length && timingSafeEqual(one, other)
}

function xor(one: Buffer, other: Buffer) {
  if (one.length !== other.length) return undefined
  return Buffer.from(one.map((byte, place) => byte ^ other[place]!))
}

function hmac(key: Buffer, text: string) {
  return createHmac('sha256', key).update(text).digest()
}
