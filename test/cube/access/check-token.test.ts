import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import jwt, { type SignOptions } from 'jsonwebtoken'
import { expect, test as base } from 'vitest'

import { tokenCheck } from '#cube/access/check-token.ts'
import { signToken } from '#cube/server/sign-token.ts'

const secret = 'not a secret'
const audience = 'recoup'
const context = { groups: ['finance'], marketplaces: ['DE'] }

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const nextRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwkOf = (key: KeyObject, kid: string) => ({
  ...key.export({ format: 'jwk' }),
  kid,
  use: 'sig',
})

/** An identity provider with one RSA and one elliptic key. */
const test = base.extend('provider', async ({}, { onCleanup }) => {
  const published = {
    keys: [jwkOf(rsa.publicKey, 'one'), jwkOf(elliptic.publicKey, 'two')] as object[],
    status: 200,
    asked: 0,
  }
  const server = createServer((_request, response) => {
    published.asked++
    response.writeHead(published.status).end(JSON.stringify({ keys: published.keys }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onCleanup(() => void server.close())
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  return { published, jwksUrl, check: tokenCheck(secret, { jwksUrl, audience, issuer: 'us' }) }
})

const sign = (options: SignOptions, key: jwt.Secret = rsa.privateKey, claims: object = context) =>
  jwt.sign(claims, key, {
    algorithm: 'RS256',
    keyid: 'one',
    audience,
    issuer: 'us',
    expiresIn: 60,
    ...options,
  })

test('a token of the provider is good, with either kind of key', async ({ provider }) => {
  expect(await provider.check(sign({}))).toEqual(context)
  const other = sign({ algorithm: 'ES256', keyid: 'two' }, elliptic.privateKey)
  expect(await provider.check(other)).toEqual(context)
  expect(provider.published.asked).toBe(1)
})

test("Recoup's own token is good beside it", async ({ provider }) => {
  expect(await provider.check(signToken(secret, context))).toEqual(context)
  expect(provider.published.asked).toBe(0)
})

test('keys that the provider exchanged are known at once, and the old one is out', async ({
  provider: { check, published },
}) => {
  await check(sign({}))
  published.keys = [jwkOf(nextRsa.publicKey, 'next')]
  expect(await check(sign({ keyid: 'next' }, nextRsa.privateKey))).toEqual(context)
  await expect(check(sign({}))).rejects.toThrow('No key of the identity provider is called one')
})

test('made-up keys cause few questions to the provider', async ({ provider }) => {
  const tries = Array.from({ length: 20 }, (_, n) =>
    provider.check(sign({ keyid: `made up ${n}` })),
  )
  const outcomes = await Promise.allSettled(tries)
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  for (let n = 0; n < 10; n++) await provider.check(sign({ keyid: `${n}` })).catch(() => {})
  expect(provider.published.asked).toBeLessThanOrEqual(5)
  expect(await provider.check(sign({}))).toEqual(context)
})

test('while the provider is away its last keys are good', async ({ provider }) => {
  await provider.check(sign({}))
  provider.published.status = 500
  await expect(provider.check(sign({ keyid: 'three' }))).rejects.toThrow('answered 500')
  expect(await provider.check(sign({}))).toEqual(context)
})

const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' }) as string
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const later = Math.floor(Date.now() / 1000) + 60

test.for([
  ['by an unknown key', sign({ keyid: 'three' }), 'is called three'],
  ['by another key of that name', sign({}, nextRsa.privateKey), 'invalid signature'],
  ['by the key of another name', sign({ keyid: 'two' }), 'invalid algorithm'],
  ['that is over', sign({ expiresIn: -1 }), 'jwt expired'],
  ['for another audience', sign({ audience: 'payroll' }), 'jwt audience invalid'],
  ['of another issuer', sign({ issuer: 'them' }), 'jwt issuer invalid'],
  [
    'that never ends',
    jwt.sign({ ...context, aud: audience, iss: 'us' }, rsa.privateKey, {
      algorithm: 'RS256',
      keyid: 'one',
    }),
    'must expire',
  ],
  ['by an algorithm that the key is not for', sign({ algorithm: 'PS256' }), 'invalid algorithm'],
  ['of another length of digest', sign({ algorithm: 'RS512' }), 'invalid algorithm'],
  [
    'without a signature',
    `${part({ alg: 'none', kid: 'one' })}.${part({ ...context, exp: later, aud: audience, iss: 'us' })}.`,
    'jwt signature is required',
  ],
  // The attack of old: the public key, which everyone has, taken for the secret.
  [
    'by the public key as a secret',
    sign({ algorithm: 'HS256' }, Buffer.from(pem).toString()),
    'invalid signature',
  ],
  [
    'by the public key as a nameless secret',
    jwt.sign(context, pem, { algorithm: 'HS256' }),
    'invalid signature',
  ],
  ['by another secret', signToken('another', context), 'invalid signature'],
  ['that is none', 'ticket', 'It is not a token'],
] as const)('a token %s proves nothing', async ([, token, reason], { provider }) => {
  await expect(provider.check(token)).rejects.toThrow(reason)
})

test('a shared secret that a provider publishes is no key', async ({ provider }) => {
  provider.published.keys = [{ kty: 'oct', kid: 'one', k: Buffer.from('x').toString('base64url') }]
  const token = sign({ algorithm: 'HS256' }, 'x')
  await expect(provider.check(token)).rejects.toThrow('invalid signature')
})

test('groups and marketplaces may be in a claim of their own', async ({ provider }) => {
  const claim = 'https://recoup/access'
  const check = tokenCheck(secret, { jwksUrl: provider.jwksUrl, audience, claim })
  expect(await check(sign({}, rsa.privateKey, { [claim]: context }))).toEqual(context)
  expect(await check(sign({}))).toEqual({ groups: [] })
})

test.for([
  [
    { groups: 'admin', marketplaces: 'all' },
    { groups: [], marketplaces: 'all' },
  ],
  [{ groups: ['admin'], marketplaces: 'DE' }, { groups: ['admin'] }],
  [{ groups: ['admin', 1], marketplaces: ['DE', null] }, { groups: [] }],
] as const)('claims of the wrong form %j see less, not more', async ([claims, seen]) => {
  const token = jwt.sign(claims, secret, { algorithm: 'HS256' })
  expect(await tokenCheck(secret)(token)).toEqual(seen)
})
