import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { expect } from 'vitest'

import { startReceiver } from '#jobs/receive/receiver.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { test as base } from '#test/pipelines/connect/kit.ts'

import { feed, feeEvent, secret, send } from './kit.ts'

const env = { LEDGER_SECRET: secret }

const test = base
  .extend('clock', () => ({ aheadMs: 0 }))
  .extend('receiver', async ({ recoup, clock }, { onCleanup }) => {
    const problems: string[] = []
    const receiver = await startReceiver(recoup.home, [feed], {
      env,
      nowMs: () => Date.now() + clock.aheadMs,
      onProblem: (problem) => problems.push(problem),
    })
    onCleanup(() => receiver.close())
    return { ...receiver, problems }
  })

/** The ids of the rows that are in the feed's table. */
const loaded = async (recoup: { rows: (source: typeof rawFeeEvent) => Promise<object[]> }) =>
  (await recoup.rows(rawFeeEvent)).map((row) => Reflect.get(row, 'source_event_id') as string)

test('an object, an array and lines are received, and are rows after the load', async ({
  receiver,
  recoup,
}) => {
  const { url } = receiver
  expect(await send(url, feeEvent('A'))).toEqual({ status: 202, message: '1 received.' })
  expect(await send(url, [feeEvent('B'), feeEvent('C', { amount_minor: 'many' })])).toEqual({
    status: 202,
    message: '2 received.',
  })
  const lines = `${JSON.stringify(feeEvent('D'))}\n${JSON.stringify(feeEvent('E'))}\r\n`
  expect(await send(url, lines)).toEqual({ status: 202, message: '2 received.' })
  await receiver.close()
  const { metadata } = await recoup.load(rawFeeEvent)
  expect(metadata).toMatchObject({ files: 1, rowsRead: 5, rowsRejected: 1 })
  expect(await loaded(recoup)).toEqual(['A', 'B', 'D', 'E'])
})

test('who does not know the secret is refused, and so is what was changed on the way', async ({
  receiver: { url },
  recoup,
}) => {
  const body = feeEvent('A')
  const wrong = { status: 401, message: expect.stringContaining('webhook-signature') as string }
  expect(await send(url, body, { secret: 'guess' })).toEqual(wrong)
  expect(await send(url, body, { signature: 'v1,AAAA' })).toEqual(wrong)
  expect(await send(url, body, { signature: 'v2,' })).toEqual(wrong)
  expect(await send(url, body, { signature: '' })).toMatchObject({ status: 401 })
  expect(existsSync(join(recoup.home.inbox, 'fee_event'))).toBe(false)
})

test('a request of ten minutes ago, or of tomorrow, is refused', async ({ receiver: { url } }) => {
  const now = Math.floor(Date.now() / 1000)
  for (const timestamp of [now - 600, now + 86_400, 'soon'])
    expect(await send(url, feeEvent('A'), { timestamp })).toEqual({
      status: 401,
      message: expect.stringContaining(`webhook-timestamp is ${timestamp}`) as string,
    })
})

test('the same request once more is answered and not written down again, until it is too old', async ({
  receiver,
  recoup,
  clock,
}) => {
  const { url } = receiver
  const request = { id: 'msg_1', timestamp: Math.floor(Date.now() / 1000) }
  expect(await send(url, feeEvent('A'), request)).toMatchObject({ status: 202 })
  expect(await send(url, feeEvent('A'), request)).toEqual({
    status: 200,
    message: 'It was received before.',
  })
  clock.aheadMs = 6 * 60_000
  expect(await send(url, feeEvent('A'), request)).toMatchObject({ status: 401 })
  await receiver.close()
  expect(await recoup.load(rawFeeEvent)).toMatchObject({ metadata: { rowsRead: 1 } })
})

test('a body that is too large, or holds no record, is refused and the next is received', async ({
  receiver: { url },
}) => {
  expect(await send(url, 'x'.repeat(200_000))).toEqual({
    status: 413,
    message: 'The body is larger than 10000 bytes.',
  })
  expect(await send(url, `${JSON.stringify(feeEvent('A'))}\n{"half":`)).toMatchObject({
    status: 400,
    message: expect.stringContaining('Record 2 of the body is not a JSON object') as string,
  })
  expect(await send(url, '[]')).toMatchObject({ status: 400 })
  expect(await send(url, '')).toMatchObject({ status: 400 })
  expect(await send(url, feeEvent('A'))).toMatchObject({ status: 202 })
})

test('another path or method is told what there is', async ({ receiver: { url } }) => {
  const other = await fetch(`${url}/hooks/fee`, { method: 'POST', body: '{}' })
  expect([other.status, await other.json()]).toEqual([
    404,
    { message: 'There is no /hooks/fee. There is /hooks/fee_event.' },
  ])
  expect((await fetch(`${url}/hooks/fee_event`)).status).toBe(405)
  expect((await fetch(`${url}/health`)).status).toBe(200)
})

test('while a secret is changed, the old and the new are both right', async ({ recoup }) => {
  const both = { LEDGER_SECRET: `${secret} new-secret` }
  await using changed = new AsyncDisposableStack()
  const receiver = await startReceiver(recoup.home, [feed], { env: both })
  changed.defer(() => receiver.close())
  expect(await send(receiver.url, feeEvent('A'))).toMatchObject({ status: 202 })
  const withNew = await send(receiver.url, feeEvent('B'), { secret: 'new-secret' })
  expect(withNew).toMatchObject({ status: 202 })
})

test('without its secret it does not start', async ({ recoup }) => {
  await expect(startReceiver(recoup.home, [feed], { env: {} })).rejects.toThrow(
    'fee_event: the environment variable LEDGER_SECRET is not set',
  )
})

test('four hundred senders at once are all received, in files that are whole', async ({
  receiver,
  recoup,
}) => {
  const ids = Array.from({ length: 400 }, (_, n) => `S${String(n).padStart(4, '0')}`)
  const answers = await Promise.all(ids.map((id) => send(receiver.url, feeEvent(id))))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
  const files = recoup.files(rawFeeEvent).filter((name) => !name.startsWith('.'))
  expect(files.length).toBeGreaterThan(0)
  await receiver.close()
  await recoup.load(rawFeeEvent)
  expect(await loaded(recoup)).toEqual(ids)
})

test('what cannot be written down is answered with "later", and then it goes on', async ({
  receiver: { url, close, problems },
  recoup,
}) => {
  const folder = join(recoup.home.inbox, 'fee_event')
  mkdirSync(recoup.home.inbox)
  // A file where the folder should be; rights would not stop root.
  writeFileSync(folder, '')
  expect(await send(url, feeEvent('A'))).toMatchObject({ status: 503 })
  expect(problems).toEqual([expect.stringContaining('file already exists')])
  rmSync(folder)
  expect(await send(url, feeEvent('A'))).toMatchObject({ status: 202 })
  await close()
  await recoup.load(rawFeeEvent)
  expect(await loaded(recoup)).toEqual(['A'])
})

test('killed while it receives, every answered record is in the inbox at the next start', async ({
  recoup,
}) => {
  const answered = new Set<string>()
  for (let life = 0; life < 5; life++) {
    const program = join(import.meta.dirname, 'receiver.process.ts')
    const child = spawn(process.execPath, [program, recoup.home.inbox], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [url] = (await once(child.stdout, 'data')).map((line) => String(line).trim())
    const sender = async (name: string) => {
      for (let n = 0; ; n++) {
        const id = `${life}-${name}-${n}`
        const sent = await send(url!, feeEvent(id)).catch(() => null)
        if (sent?.status !== 202) return
        answered.add(id)
      }
    }
    const senders = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(sender)
    await sleep(100 + life * 70)
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    // A process that is not reaped yet counts as alive, and keeps its journal.
    await Promise.all([exit, ...senders])
  }
  // Half a line, as a kill in the middle of a write leaves it.
  const folder = join(recoup.home.inbox, 'fee_event')
  const left = readdirSync(folder).find((name) => name.startsWith('.'))!
  writeFileSync(join(folder, left), readFileSync(join(folder, left), 'utf8') + '{"source":"epr_')

  const next = await startReceiver(recoup.home, [feed], { env })
  expect(next.recovered).toBe(1)
  await next.close()
  const { metadata } = await recoup.load(rawFeeEvent)
  expect(metadata.rowsRejected).toBe(0)
  const there = new Set(await loaded(recoup))
  expect(answered.size).toBeGreaterThan(100)
  expect([...answered].filter((id) => !there.has(id))).toEqual([])
}, 60_000)
