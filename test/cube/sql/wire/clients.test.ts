import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

import type pg from 'pg'

import { expect } from 'vitest'

import { errorOf, password, startEndpoint, test } from './kit.ts'
import { openRaw } from './raw.ts'

test('a driver asks in one message, with values, under a name and in parts', async ({ url }) => {
  const { client } = await startEndpoint(url)
  const one = await client()
  expect((await one.query('select 1 as n; select 2 as n')) as unknown).toMatchObject([
    { rows: [{ n: 1 }] },
    { rows: [{ n: 2 }] },
  ])
  expect((await one.query('select $1::text as word', ['ü'])).rows).toEqual([{ word: 'ü' }])
  for (const n of [1, 2])
    expect(
      (await one.query({ name: 'twice', text: 'select 2 * $1::int as n', values: [n] })).rows,
    ).toEqual([{ n: 2 * n }])
  const inParts: pg.QueryConfig & { rows: number } = {
    text: 'select generate_series(1, 25) as n',
    rows: 10,
  }
  expect((await one.query(inParts)).rows).toHaveLength(25)
  await one.query('begin; declare c cursor for select generate_series(1, 5) as n')
  expect((await one.query('fetch 3 from c')).rows).toHaveLength(3)
  await one.query('commit')
})

test('a session is that of its own user, with the settings that were asked for', async ({
  url,
}) => {
  const { client, wire } = await startEndpoint(url)
  const one = await client({
    application_name: 'Tableau',
    options: '-c TimeZone=Asia/Tokyo -c DateStyle=German,\\ DMY --statement-timeout=5s',
  })
  const { rows } = await one.query(`select current_setting('timezone') as zone,
    current_setting('datestyle') as style, current_setting('statement_timeout') as patience,
    current_setting('idle_in_transaction_session_timeout') as idle`)
  expect(rows).toEqual([{ zone: 'Asia/Tokyo', style: 'German, DMY', patience: '5s', idle: '1min' }])
  expect(wire.sessions()).toMatchObject([{ user: 'ada', application: 'Tableau', isRunning: false }])
})

const psql = '/usr/bin/psql'
test.skipIf(!existsSync(psql))(
  'psql asks, describes and sees itself as its user',
  async ({ url }) => {
    const { wire } = await startEndpoint(url)
    const { stdout } = await promisify(execFile)(
      psql,
      [
        '-h',
        '127.0.0.1',
        '-p',
        String(wire.port),
        '-U',
        'ada',
        '-AtX',
        '-c',
        'select 1 as n',
        '-c',
        String.raw`\echo :USER`,
        '-c',
        String.raw`\dn mart`,
        'recoup',
      ],
      { env: { PGPASSWORD: password, PGCLIENTENCODING: 'UTF8' } },
    )
    expect(stdout).toMatch(/^1\nada\nmart\|/)
  },
)

test('a refusal fails the transaction that it is in, and no other', async ({ url }) => {
  const { client } = await startEndpoint(url)
  const one = await client()
  const refused = {
    severity: 'ERROR',
    code: '42501',
    message: 'No secrets are told.',
    hint: 'Ask for something else.',
  }
  expect(await errorOf(one.query('select secret'))).toEqual(refused)
  expect(await errorOf(one.query('select secret, $1::int', [1]))).toEqual(refused)
  expect((await one.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  await one.query('begin')
  expect(await errorOf(one.query('select secret'))).toEqual(refused)
  expect(await errorOf(one.query('select 1'))).toMatchObject({ code: '25P02' })
  await one.query('rollback')
  expect((await one.query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

test('what goes wrong inside the translator is told to the operator alone', async ({ url }) => {
  const { client, problems } = await startEndpoint(url)
  const { message, code } = await errorOf((await client()).query('select boom'))
  expect({ message, code }).toEqual({
    code: 'XX000',
    message: 'The statement could not be translated, which is a fault of the server.',
  })
  expect(problems).toEqual([expect.stringContaining('the inside of the translator')])
})

test('a notice of a translation comes before its answer', async ({ url }) => {
  const { client } = await startEndpoint(url)
  const one = await client()
  const heard: unknown[] = []
  one.on('notice', ({ code, message }) => heard.push(`${code} ${message}`))
  await one.query('select 1 as old')
  await one.query('select $1::int as old', [1])
  expect(heard).toEqual([
    '01000 This is old.',
    '01000 Very old.',
    '01000 This is old.',
    '01000 Very old.',
  ])
})

test('an error tells no inside of the warehouse', async ({ url, database }) => {
  await database.pool.query(`create or replace function raise() returns int language plpgsql as
    $$ begin raise exception 'wrong' using detail = 'so', hint = 'do'; end $$`)
  const { client } = await startEndpoint(url)
  const one = await client()
  const error: unknown = await one.query('select raise()').catch((reason: unknown) => reason)
  expect(error).toMatchObject({ message: 'wrong', detail: 'so', hint: 'do' })
  for (const field of ['where', 'file', 'line', 'routine', 'internalQuery'])
    expect(error).toHaveProperty(field, undefined)
  expect(await one.query('select nothing').catch((reason: unknown) => reason)).toMatchObject({
    position: '8',
  })
  expect(
    await one.query('select {version}, nothing').catch((reason: unknown) => reason),
  ).toMatchObject({ position: undefined })
})

test('a prepared statement over rollups is prepared anew when there are newer ones', async ({
  url,
}) => {
  const { client, state } = await startEndpoint(url)
  const one = await client()
  const ask = async () =>
    (await one.query({ name: 'kpi', text: 'select {version} as v, $1::int as n', values: [1] }))
      .rows
  expect(await ask()).toEqual([{ v: 1, n: 1 }])
  expect(await ask()).toEqual([{ v: 1, n: 1 }])
  expect(state.translated).toBe(1)
  state.version = '2'
  expect(await ask()).toEqual([{ v: 2, n: 1 }])
  expect(state.translated).toBe(2)
  state.version = '3'
  await one.query('begin')
  await one.query('select nothing').catch(() => {})
  expect(await errorOf(ask())).toMatchObject({ code: '25P02' })
  await one.query('rollback')
  expect(await ask()).toEqual([{ v: 3, n: 1 }])
})

test('a client has its statement cancelled, and another key cancels nothing', async ({ url }) => {
  const { client, told, wire } = await startEndpoint(url)
  const one = await client()
  const { processID, secretKey } = one as unknown as { processID: number; secretKey: number }
  const running = errorOf(one.query('select pg_sleep(20)'))
  const cancel = async (secret: number) => {
    const raw = openRaw(wire.port)
    const packet = Buffer.alloc(16)
    packet.writeInt32BE(16, 0)
    packet.writeInt32BE(80_877_102, 4)
    packet.writeInt32BE(processID, 8)
    packet.writeInt32BE(secret, 12)
    raw.socket.write(packet)
    await raw.closed()
  }
  await pause(50)
  await cancel(secretKey ^ 1)
  await pause(100)
  expect(told.filter(({ outcome }) => outcome === 'cancelled')).toEqual([])
  await cancel(secretKey)
  expect(await running).toMatchObject({ code: '57014' })
  expect(told.at(-1)).toMatchObject({ outcome: 'cancelled', code: '57014' })
  expect((await one.query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

test('a client that goes away has what it asked cancelled', async ({ url, database }) => {
  const { client, wire, told } = await startEndpoint(url)
  const one = await client({ application_name: 'goes away' })
  one.query('select pg_sleep(20)').catch(() => {})
  await pause(50)
  ;(one as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
  await expect
    .poll(async () => {
      const { rows } = await database.pool.query(
        `select from pg_stat_activity where application_name = 'goes away'`,
      )
      return rows.length
    })
    .toBe(0)
  await expect.poll(() => wire.sessions()).toEqual([])
  expect(told.at(-1)).toMatchObject({ outcome: 'cancelled', statement: 'select pg_sleep(20)' })
})

test('an endpoint that stops says so to its clients', async ({ url }) => {
  const { client, wire } = await startEndpoint(url)
  const one = await client()
  const heard = new Promise((resolve) => one.on('error', resolve))
  await wire.close()
  expect(await heard).toMatchObject({ severity: 'FATAL', code: '57P01' })
})

test('a session that the warehouse ends is ended in its words', async ({ url, database }) => {
  const { client, wire } = await startEndpoint(url)
  const one = await client({ application_name: 'ended' })
  const heard = new Promise((resolve) => one.on('error', resolve))
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ended'`,
  )
  expect(await heard).toMatchObject({ severity: 'FATAL', code: '57P01' })
  await expect.poll(() => wire.sessions()).toEqual([])
})
