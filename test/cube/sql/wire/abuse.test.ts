import { randomBytes } from 'node:crypto'

import { expect } from 'vitest'

import { cString, int16, int32, message } from '#cube/sql/wire/messages.ts'

import { fuzz } from './fuzz.ts'
import { startEndpoint, test } from './kit.ts'
import { send, startUp } from './raw-messages.ts'
import { openRaw, openRawSession } from './raw.ts'

const { query, parse, sync } = send
const claim = (type: string, length: number) => Buffer.concat([Buffer.from(type), int32(length)])
const scram = (first: string) => {
  const bytes = Buffer.from(first)
  return message('p', cString('SCRAM-SHA-256'), int32(bytes.length), bytes)
}
const ada = startUp({ user: 'ada' })

/** What strangers send; each ends the connection, with a sentence where something can be said. */
const ofStrangers: [string, Buffer][] = [
  ['nothing but an end', Buffer.alloc(0)],
  ['half a length', Buffer.of(0, 0)],
  ['a packet of length 0', int32(0)],
  ['a packet of length 4', int32(4)],
  ['a packet of length 7', int32(7, 196_608)],
  ['a negative length', int32(-1, 196_608)],
  ['the least length', int32(-(2 ** 31), 196_608)],
  ['two gigabytes', int32(2 ** 31 - 1, 196_608)],
  ['a byte too many', int32(10_001, 196_608)],
  ['less than it claims', int32(100, 196_608)],
  ['protocol 2', startUp({ user: 'ada' }, 131_072)],
  ['protocol 4', startUp({ user: 'ada' }, 262_144)],
  ['no parameters', int32(8, 196_608)],
  ['parameters without an end', Buffer.concat([int32(13, 196_608), Buffer.from('user\0')])],
  ['a name without a value', Buffer.concat([int32(14, 196_608), Buffer.from('user\0\0')])],
  ['a value without a name', Buffer.concat([int32(12, 196_608), Buffer.from('\0x\0\0')])],
  ['a web request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['TLS without asking', Buffer.from('16030100c8010000c40303', 'hex')],
  ['random bytes', randomBytes(500)],
  ['TLS asked for twice', int32(8, 80_877_103, 8, 80_877_103)],
  ['Kerberos asked for twice', int32(8, 80_877_104, 8, 80_877_104)],
  ['a cancel without a key', int32(8, 80_877_102)],
  ['a cancel with half a key', int32(12, 80_877_102, 1)],
  ['a cancel with too much key', int32(20, 80_877_102, 1, 2, 3)],
  ['a cancel of nobody', int32(16, 80_877_102, 1, 2)],
  ['a query before signing in', Buffer.concat([ada, query('select 1')])],
  ['a password of length 0', Buffer.concat([ada, claim('p', 0)])],
  ['a password of a gigabyte', Buffer.concat([ada, claim('p', 2 ** 30)])],
  ['a negative password', Buffer.concat([ada, claim('p', -5)])],
  ['a plain password', Buffer.concat([ada, message('p', cString('a pass word'))])],
  ['a sign-in that is not offered', Buffer.concat([ada, message('p', cString('X'), int32(0))])],
  ['a binding without TLS', Buffer.concat([ada, scram('p=tls-unique,,n=,r=abc')])],
  ['a first message without a nonce', Buffer.concat([ada, scram('n,,n=')])],
  ['an empty first message', Buffer.concat([ada, scram('')])],
  ['a last message of nothing', Buffer.concat([ada, scram('n,,n=,r=abc'), message('p', '')])],
  [
    'a last message without proof',
    Buffer.concat([ada, scram('n,,n=,r=abc'), message('p', 'c=,r=')]),
  ],
  ['another nonce', Buffer.concat([ada, scram('n,,n=,r=abc'), message('p', 'c=biws,r=x,p=eA==')])],
]

/** What may not be sent in a session; each ends it with a sentence. */
const ofClients: [string, Buffer][] = [
  ['a copy', message('d', 'data')],
  ['the end of a copy', message('c')],
  ['a failed copy', message('f', cString('no'))],
  ['the fast path', message('F', int32(1), int16(0), int16(0), int16(0))],
  ['a second start-up', ada],
  ['a password', message('p', cString('again'))],
  ['a letter that there is not', message('z')],
  ['a letter that is none', Buffer.concat([Buffer.of(0), int32(4)])],
  ['an answer of a server', message('D', int16(0))],
  ['a query of length 0', claim('Q', 0)],
  ['a negative query', claim('Q', -1)],
  ['a query of two gigabytes', claim('Q', 2 ** 31 - 1)],
  ['a Bind of two gigabytes', claim('B', 2 ** 31 - 1)],
  ['a Describe of a megabyte', claim('D', 2 ** 20)],
  ['a Sync with content', message('S', 'x')],
  ['a Terminate with content', message('X', 'x')],
  ['a query without an end', message('Q', 'select 1')],
  ['two queries in one', message('Q', cString('select 1'), cString('select 2'))],
  ['an empty query message', message('Q')],
  ['a Parse without text', message('P', cString('s'))],
  ['a Parse without types', message('P', cString('s'), cString('select 1'))],
  ['a Parse with fewer types', message('P', cString(''), cString('select 1'), int16(9))],
  ['a Parse with -1 types', message('P', cString(''), cString('select 1'), int16(-1))],
  ['an empty Bind', message('B')],
  ['a Bind without a statement', message('B', cString('p'))],
  ['an empty Execute', message('E')],
  ['an Execute without a count', message('E', cString('p'))],
  ['an empty Describe', message('D')],
  ['a Describe without an end', message('D', 'S', 'name')],
  ['an empty Close', message('C')],
  ['random bytes', Buffer.concat([Buffer.of(1), randomBytes(500)])],
  ['abuse behind a query', Buffer.concat([parse('', 'select 1'), sync, claim('Q', -1)])],
]

test('what strangers abuse ends their connection, and the server stays', async ({ url }) => {
  const { wire, client, problems } = await startEndpoint(url)
  const ends = ofStrangers.map(async ([what, bytes]) => {
    const raw = openRaw(wire.port)
    raw.socket.end(bytes)
    const last = await lastWord(raw)
    expect(last === undefined || /C\w{5}\0M.+\0/.test(last), `${what}: ${last}`).toBe(true)
  })
  await Promise.all(ends)
  expect((await (await client()).query('select 1 as n')).rows).toEqual([{ n: 1 }])
  expect(problems).toEqual([])
  expect(wire.sessions()).toHaveLength(1)
})

test('what clients abuse ends their session in a sentence, and the server stays', async ({
  url,
}) => {
  const { wire, client, problems } = await startEndpoint(url, { limits: { sessionsPerUser: 50 } })
  for (const [what, bytes] of ofClients) {
    const raw = await openRawSession(wire.port)
    raw.socket.write(bytes)
    expect(await lastWord(raw), what).toMatch(/^SFATAL\0VFATAL\0C08P01\0M.+\0H.+\0/)
  }
  expect((await (await client()).query('select 1 as n')).rows).toEqual([{ n: 1 }])
  expect(problems).toEqual([])
  await expect.poll(() => wire.sessions().length).toBe(1)
})

test('whatever a client sends at random, the server answers the next', async ({ url }) => {
  const { wire, client, problems } = await startEndpoint(url, { limits: { sessionsPerUser: 50 } })
  await fuzz({ port: wire.port, cases: 200, seed: 1 })
  expect((await (await client()).query('select 1 as n')).rows).toEqual([{ n: 1 }])
  expect(problems).toEqual([])
  await expect.poll(() => wire.sessions().length).toBe(1)
})

async function lastWord(raw: ReturnType<typeof openRaw>) {
  let last: string | undefined
  for (let one = await raw.next(); one; one = await raw.next())
    if (one.type === 'E') last = one.content.toString()
  await raw.closed()
  return last
}
