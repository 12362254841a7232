import { expect } from 'vitest'

import { startEndpoint, test } from './kit.ts'
import { send } from './raw-messages.ts'
import { inShort, openRawSession } from './raw.ts'

const { query, parse, bind, describe, execute, closeStatement, sync, flush } = send
const ask = (sql: string) => [parse('', sql), bind('', ''), execute('')]

const pipelines: [string, Buffer[], string[]][] = [
  ['all goes well', [...ask('select 1'), ...ask('select 2'), sync], ['1 2 D C 1 2 D C ZI']],
  [
    'an error in the middle skips the rest of its batch only',
    [...ask('select 1'), ...ask('select 1/0'), ...ask('select 3'), sync, ...ask('select 4'), sync],
    ['1 2 D C 1 E22012 ZI', '1 2 D C ZI'],
  ],
  [
    'a refusal in the middle does the same',
    [
      ...ask('select 1'),
      ...ask('select secret'),
      ...ask('select 3'),
      sync,
      ...ask('select 4'),
      sync,
    ],
    ['1 2 D C E42501 ZI', '1 2 D C ZI'],
  ],
  [
    'a refusal inside a transaction leaves it failed',
    [query('begin'), ...ask('select secret'), sync, query('select secret'), query('rollback')],
    ['C ZT', 'E42501 ZE', 'E25P02 ZE', 'C ZI'],
  ],
  [
    'a query that is skipped has no answer',
    [...ask('select 1/0'), query('select 1'), sync, query('select 2')],
    ['1 E22012 ZI', 'T D C ZI'],
  ],
  [
    'a statement whose successor is refused stays',
    [
      parse('s', 'select 1'),
      sync,
      parse('s', 'select secret'),
      sync,
      bind('', 's'),
      execute(''),
      sync,
    ],
    ['1 ZI', 'E42501 ZI', '2 D C ZI'],
  ],
  [
    'an unnamed statement whose successor is refused is gone',
    [parse('', 'select {version}'), sync, parse('', 'select secret'), sync, bind('', ''), sync],
    ['1 ZI', 'E42501 ZI', 'E26000 ZI'],
  ],
  [
    'rows that come in parts',
    [
      parse('', 'select generate_series(1, 5)'),
      bind('p', ''),
      execute('p', 2),
      execute('p', 9),
      sync,
    ],
    ['1 2 D D s D D D C ZI'],
  ],
  [
    'notices come before what they are about',
    [...ask('select 1'), ...ask('select 2 as old'), sync, query('select 3 as old')],
    ['1 2 D C N N 1 2 D C ZI', 'N N T D C ZI'],
  ],
  [
    'descriptions and empty statements',
    [
      parse('d', ''),
      describe('d'),
      bind('', 'd'),
      execute(''),
      closeStatement('d'),
      sync,
      query(';'),
    ],
    ['1 t n 2 I 3 ZI', 'I ZI'],
  ],
]
test.for(pipelines)('in one go: %s', async ([, messages, answers], { url }) => {
  const { wire } = await startEndpoint(url)
  const raw = await openRawSession(wire.port)
  raw.socket.write(Buffer.concat(messages))
  for (const answer of answers) expect(inShort(await raw.untilReady())).toBe(answer)
  raw.socket.destroy()
})

test('the same, byte by byte', async ({ url }) => {
  const { wire } = await startEndpoint(url)
  const raw = await openRawSession(wire.port)
  raw.socket.setNoDelay(true)
  for (const byte of Buffer.concat([...ask('select secret'), sync, query('select 1')])) {
    raw.socket.write(Buffer.of(byte))
    await new Promise(setImmediate)
  }
  expect(inShort(await raw.untilReady())).toBe('E42501 ZI')
  expect(inShort(await raw.untilReady())).toBe('T D C ZI')
  raw.socket.destroy()
})

test('what is prepared anew is not seen by the client, at whatever place it happens', async ({
  url,
}) => {
  const { wire, state } = await startEndpoint(url)
  const raw = await openRawSession(wire.port)
  const use = [bind('', 's'), execute('')]
  raw.socket.write(Buffer.concat([parse('s', 'select {version}'), ...use, sync]))
  expect(inShort(await raw.untilReady())).toBe('1 2 D C ZI')
  state.version = '2'
  // The first fails, so the second is prepared anew for nothing and the third once more.
  raw.socket.write(Buffer.concat([...ask('select 1/0'), ...use, sync, ...use, ...use, sync]))
  expect(inShort(await raw.untilReady())).toBe('1 E22012 ZI')
  const answer = await raw.untilReady()
  expect(inShort(answer)).toBe('2 D C 2 D C ZI')
  expect(answer[1]?.content.toString('latin1', 6)).toBe('2')
  raw.socket.destroy()
})

test('a session has so many prepared statements, and those it drops do not count', async ({
  url,
}) => {
  const { wire } = await startEndpoint(url, { limits: { statements: 2, sqlBytes: 100 } })
  const raw = await openRawSession(wire.port)
  const answers = async (...messages: Buffer[]) => {
    raw.socket.write(Buffer.concat(messages))
    return inShort(await raw.untilReady())
  }
  const prepare = (name: string) => answers(parse(name, 'select 1'), sync)
  expect([await prepare('a'), await prepare('b'), await prepare('c')]).toEqual([
    '1 ZI',
    '1 ZI',
    'E53400 ZI',
  ])
  expect(await prepare('')).toBe('1 ZI')
  expect(await answers(closeStatement('a'), sync)).toBe('3 ZI')
  expect(await prepare('c')).toBe('1 ZI')
  expect(await answers(query('deallocate b'))).toBe('C ZI')
  expect(await prepare('d')).toBe('1 ZI')
  expect(await answers(query('discard all'))).toBe('C ZI')
  expect([await prepare('a'), await prepare('b')]).toEqual(['1 ZI', '1 ZI'])
  expect(await answers(query(`select '${'x'.repeat(100)}'`))).toBe('E54000 ZI')
  expect(await answers(Buffer.concat([flush, query('select 1')]))).toBe('T D C ZI')
  raw.socket.destroy()
})

test('each question is told of once, with its rows and how it ended', async ({ url }) => {
  const { wire, told } = await startEndpoint(url)
  const raw = await openRawSession(wire.port)
  const batches = [
    [query('select n from generate_series(1, 7) as n')],
    [...ask('select generate_series(1, 3)'), sync],
    [
      parse('', 'select generate_series(1, 5)'),
      bind('p', ''),
      execute('p', 2),
      execute('p', 2),
      sync,
    ],
    [...ask('select 1/0'), sync],
    [...ask('select secret'), sync],
  ]
  for (const batch of batches) {
    raw.socket.write(Buffer.concat(batch))
    await raw.untilReady()
  }
  const shared = { user: 'ada', address: '127.0.0.1' }
  expect(told).toMatchObject([
    { ...shared, outcome: 'connected', statement: null },
    { ...shared, outcome: 'done', rows: 7, views: ['generate_series'] },
    { ...shared, outcome: 'done', rows: 3, statement: 'select generate_series(1, 3)' },
    { ...shared, outcome: 'done', rows: 4, statement: 'select generate_series(1, 5)' },
    { ...shared, outcome: 'failed', code: '22012', statement: 'select 1/0' },
    { ...shared, outcome: 'refused', code: '42501', statement: 'select secret' },
  ])
  raw.socket.destroy()
})
