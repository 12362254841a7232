import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect } from 'vitest'

import { int32, message, cString } from '#cube/sql/wire/messages.ts'

import { errorOf, password, startEndpoint, test } from './kit.ts'
import { startUp } from './raw-messages.ts'
import { openRaw } from './raw.ts'
import { signInByHand } from './sign-in-by-hand.ts'

const openssl = '/usr/bin/openssl'
const psql = '/usr/bin/psql'

test('a wrong password and an unknown user cannot be told apart', async ({ url }) => {
  const { client, told } = await startEndpoint(url)
  const of = (user: string) => ({
    severity: 'FATAL',
    code: '28P01',
    message: `Password authentication failed for user "${user}".`,
    hint: 'Ask for a new password with: npx recoup users',
  })
  expect(await errorOf(client({ password: 'wrong' }))).toEqual(of('ada'))
  expect(await errorOf(client({ user: 'nobody' }))).toEqual(of('nobody'))
  expect(told).toMatchObject([
    { user: 'ada', outcome: 'rejected', code: '28P01' },
    { user: 'nobody', outcome: 'rejected', code: '28P01' },
  ])
})

test('an unknown user is asked the same at each attempt, and another something else', async ({
  url,
}) => {
  const { wire } = await startEndpoint(url)
  const saltFor = async (user: string) => {
    const raw = openRaw(wire.port)
    raw.socket.write(startUp({ user, database: 'recoup' }))
    await raw.next()
    const first = Buffer.from('n,,n=,r=abcdef')
    raw.socket.write(message('p', cString('SCRAM-SHA-256'), int32(first.length), first))
    const { content } = (await raw.next())!
    raw.socket.destroy()
    return /s=([^,]+),i=4096$/.exec(content.toString())?.[1]
  }
  const salt = await saltFor('nobody')
  expect(salt).toMatch(/^.{24}$/)
  expect(await saltFor('nobody')).toBe(salt)
  expect(await saltFor('no one')).not.toBe(salt)
  expect(await saltFor('ada')).toMatch(/^.{24}$/)
})

const refusals: [string, Record<string, string>, string][] = [
  ['another database', { database: 'postgres' }, '3D000'],
  ['replication', { replication: 'database' }, '0A000'],
  ['another encoding', { client_encoding: 'LATIN1' }, '22023'],
  ['a setting', { role: 'postgres' }, '42501'],
  ['a setting among the options', { options: '-c session_preload_libraries=x' }, '42501'],
  ['an option that is no setting', { options: '-d 5' }, '42501'],
  ['a zone that there is not', { TimeZone: 'Nowhere' }, '22023'],
  ['no user', { user: '' }, '28000'],
]
test.for(refusals)('no session begins with %s', async ([, parameters, code], { url }) => {
  const { wire } = await startEndpoint(url)
  const raw = openRaw(wire.port)
  raw.socket.write(startUp({ user: 'ada', database: 'recoup', ...parameters }))
  expect(await signInByHand(raw, password)).toContain(`C${code}\0`)
})

test('a client that knows more of the protocol is told what is spoken here', async ({ url }) => {
  const { wire } = await startEndpoint(url)
  const raw = openRaw(wire.port)
  raw.socket.write(startUp({ user: 'ada', '_pq_.more': 'on' }, 196_610))
  expect(await raw.next()).toEqual({
    type: 'v',
    content: Buffer.concat([int32(196_608, 1), cString('_pq_.more')]),
  })
  expect((await raw.next())?.type).toBe('R')
  raw.socket.destroy()
})

test('one user has so many sessions, and all have so many', async ({ url }) => {
  const { client } = await startEndpoint(url, { limits: { sessionsPerUser: 2, sessions: 3 } })
  const first = await client()
  await client()
  expect(await errorOf(client())).toMatchObject({
    code: '53300',
    message: 'ada has 2 connections, as many as one user may have.',
  })
  await client({ user: 'bob' })
  expect(await errorOf(client({ user: 'bob' }))).toMatchObject({ code: '53300' })
  await first.end()
  await expect
    .poll(() =>
      client().then(
        () => 'connected',
        () => 'refused',
      ),
    )
    .toBe('connected')
})

test('a connection that does not sign in is closed', async ({ url }) => {
  const { wire } = await startEndpoint(url, { limits: { signInMs: 100 } })
  const raw = openRaw(wire.port)
  expect(await raw.closed()).toHaveLength(0)
})

test.skipIf(!existsSync(openssl))('over TLS, with and without channel binding', async ({ url }) => {
  const tls = certificate()
  const { client, wire } = await startEndpoint(url, { tls, requireTls: true })
  const ssl = { rejectUnauthorized: false }
  for (const enableChannelBinding of [false, true]) {
    const one = await client({ ssl, enableChannelBinding })
    expect((await one.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  }
  expect(await errorOf(client())).toMatchObject({ code: '28000' })

  if (existsSync(psql)) {
    const target = `host=127.0.0.1 port=${wire.port} user=ada dbname=recoup sslmode=require channel_binding=require`
    const env = { PGPASSWORD: password, PGCLIENTENCODING: 'UTF8' }
    const answer = execFileAsync(psql, [target, '-AtXc', 'select 1'], env)
    expect(await answer).toBe('1\n')
  }

  const raw = openRaw(wire.port)
  raw.socket.write(Buffer.concat([int32(8, 80_877_103), startUp({ user: 'ada' })]))
  expect((await raw.next())?.content.toString()).toContain('plain text after a request for TLS')
})

test('who asks for encryption where there is none is told so and goes on', async ({ url }) => {
  const { wire } = await startEndpoint(url)
  const raw = openRaw(wire.port)
  raw.socket.write(int32(8, 80_877_104, 8, 80_877_103))
  await expect.poll(() => raw.socket.bytesRead).toBe(2)
  raw.socket.write(startUp({ user: 'ada' }))
  await expect.poll(() => raw.socket.bytesRead).toBeGreaterThan(2)
  raw.socket.destroy()
})

async function execFileAsync(program: string, args: string[], env: NodeJS.ProcessEnv) {
  return (await promisify(execFile)(program, args, { env })).stdout
}

function certificate() {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const subject = ['-subj', '/CN=localhost', '-days', '1', '-keyout', key, '-out', cert]
  execFileSync(openssl, ['req', '-x509', ...kind, ...subject], { stdio: 'pipe' })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}
