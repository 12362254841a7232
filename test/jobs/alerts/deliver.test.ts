import { setTimeout as sleep } from 'node:timers/promises'

import { sql } from 'kysely'
import { expect } from 'vitest'

import type { Channel } from '#jobs/alerts/channel.ts'
import { channelsOf } from '#jobs/alerts/channels.ts'
import { deliverNotices, keepDelivering } from '#jobs/alerts/deliver.ts'
import { undeliveredNotices } from '#jobs/alerts/list.ts'

import { forever, outbox, pass, raise, resolve, test } from './kit.ts'

const options = { signal: forever }

test('each channel gets the notice once, and the same id', async ({ db, env, hook, slack }) => {
  await raise(db)
  const channels = channelsOf(env)
  expect(await deliverNotices(db, channels, options)).toEqual({ sent: 2, postponed: 0, givenUp: 0 })
  expect(await deliverNotices(db, channels, options)).toMatchObject({ sent: 0 })
  const ids = [...hook.requests, ...slack.requests].map(
    ({ headers }) => headers['recoup-notice-id'],
  )
  expect(ids).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), ids[0]])
  expect(await undeliveredNotices(db)).toEqual([])
})

test('two deliverers at once send each notice once', async ({ db, env, hook }) => {
  for (let number = 0; number < 20; number++) await raise(db, { key: `alert ${number}` })
  const deliverers = Array.from({ length: 4 }, () => deliverNotices(db, channelsOf(env), options))
  const ends = await Promise.all(deliverers)
  expect(ends.reduce((sum, { sent }) => sum + sent, 0)).toBe(40)
  const ids = hook.requests.map(({ headers }) => headers['recoup-notice-id'])
  expect([ids.length, new Set(ids).size]).toEqual([20, 20])
})

test('what fails is tried again, later each time, with the same id, and then is sent', async ({
  db,
  env,
  hook,
}) => {
  await raise(db, {}, ['webhook'])
  hook.replies.push({ status: 503, body: 'asleep' }, { status: 500 }, { status: 408 })
  for (const seconds of [30, 60, 120]) {
    expect(await deliverNotices(db, channelsOf(env), options)).toMatchObject({ postponed: 1 })
    const [row] = await outbox(db)
    expect(row).toMatchObject({ state: 'waiting' })
    expect(row!.due_in).toBeGreaterThan(seconds * 0.75 - 5)
    expect(row!.due_in).toBeLessThan(seconds * 1.25)
    // Not before it is due.
    expect(await deliverNotices(db, channelsOf(env), options)).toMatchObject({
      sent: 0,
      postponed: 0,
    })
    await pass(db, `${seconds * 1.25} seconds`)
  }
  expect(await undeliveredNotices(db)).toMatchObject([
    { channel: 'webhook', tries: 3, error: `${hook.url} answered 408.` },
  ])
  expect(await deliverNotices(db, channelsOf(env), options)).toMatchObject({ sent: 1 })
  expect(await outbox(db)).toMatchObject([{ state: 'sent', tries: 4, error: null }])
  expect(new Set(hook.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(new Set(hook.requests.map(({ body }) => body)).size).toBe(1)
})

test('a receiver that says when to come back is asked then', async ({ db, env, slack }) => {
  await raise(db, {}, ['slack'])
  slack.replies.push({ status: 429, headers: { 'retry-after': '900' } })
  await deliverNotices(db, channelsOf(env), options)
  const [row] = await outbox(db)
  expect(Math.abs(row!.due_in - 900)).toBeLessThan(10)
})

test('after a day it is given up, and why is kept', async ({ db, env, hook }) => {
  await raise(db, {}, ['webhook'])
  hook.close()
  await pass(db, '24 hours')
  expect(await deliverNotices(db, channelsOf(env), options)).toMatchObject({ givenUp: 1 })
  expect(await outbox(db)).toMatchObject([
    { state: 'given up', tries: 1, error: expect.stringContaining('ECONNREFUSED') as string },
  ])
  expect(await undeliveredNotices(db)).toMatchObject([{ state: 'given up' }])
})

test('a refusal is final at once, and the next notice is sent all the same', async ({
  db,
  env,
  slack,
}) => {
  await raise(db, {}, ['slack'])
  await raise(db, { key: 'other' }, ['slack'])
  slack.replies.push({ status: 404, body: 'no_service' })
  expect(await deliverNotices(db, channelsOf(env), options)).toEqual({
    sent: 1,
    postponed: 0,
    givenUp: 1,
  })
  expect(await outbox(db)).toMatchObject([
    { state: 'given up', tries: 1, error: `${slack.url} answered 404: no_service` },
    { state: 'sent' },
  ])
})

test('a redirect is not followed: the notice would go where nobody sent it', async ({
  db,
  env,
  hook,
  slack,
}) => {
  await raise(db, {}, ['webhook'])
  hook.replies.push({ status: 307, headers: { location: slack.url } })
  await deliverNotices(db, channelsOf(env), options)
  expect(slack.requests).toEqual([])
  expect(await outbox(db)).toMatchObject([
    {
      state: 'given up',
      error: expect.stringContaining('Set RECOUP_ALERT_WEBHOOK to where it leads.') as string,
    },
  ])
})

test('a deliverer that dies between sending and writing it down sends again, with the same id', async ({
  db,
  env,
  slack,
}) => {
  await raise(db, {}, ['slack'])
  const [channel] = channelsOf({ RECOUP_ALERT_SLACK: env.RECOUP_ALERT_SLACK })
  const dying: Channel = {
    ...channel!,
    // It is sent, and whoever sent it never comes to write that down.
    async send(letter, signal) {
      await channel!.send(letter, signal)
      return await new Promise(() => {})
    },
  }
  void deliverNotices(db, [dying], options)
  await expect.poll(() => slack.requests.length).toBe(1)
  expect(await deliverNotices(db, [channel!], options)).toMatchObject({ sent: 0 })
  await pass(db, '1 minute')
  expect(await deliverNotices(db, [channel!], options)).toMatchObject({ sent: 1 })
  const ids = slack.requests.map(({ headers }) => headers['recoup-notice-id'])
  expect(ids).toEqual([ids[0], ids[0]])
})

test('one that is merely slow and answers after another took over does not write over it', async ({
  db,
  env,
  slack,
}) => {
  await raise(db, {}, ['slack'])
  const [channel] = channelsOf({ RECOUP_ALERT_SLACK: env.RECOUP_ALERT_SLACK })
  const { promise, reject } = Promise.withResolvers<undefined>()
  const slow = deliverNotices(db, [{ ...channel!, send: () => promise }], options)
  await expect.poll(async () => (await outbox(db))[0]?.tries).toBe(1)
  await pass(db, '1 minute')
  await deliverNotices(db, [channel!], options)
  reject(new Error('too late'))
  await slow
  expect(slack.requests).toHaveLength(1)
  expect(await outbox(db)).toMatchObject([{ state: 'sent', tries: 2, error: null }])
})

test('a channel that does not answer is given up in time and holds up no other', async ({
  db,
  env,
  hook,
  slack,
}) => {
  hook.replies.push(null, null, null)
  await raise(db)
  const stop = new AbortController()
  const delivering = keepDelivering(db, channelsOf(env, { timeoutMs: 3_000 }), {
    signal: stop.signal,
    everyMs: 20,
    onError: (error) => {
      throw error
    },
  })
  await expect.poll(() => slack.requests.length).toBe(1)
  await raise(db, { key: 'later' })
  await expect.poll(() => slack.requests.length).toBe(2)
  expect(hook.requests).toHaveLength(1)
  await expect
    .poll(() => outbox(db), { timeout: 5_000 })
    .toMatchObject([
      { channel: 'webhook', error: `${hook.url} did not answer within 3 s.`, state: 'waiting' },
      { channel: 'slack', state: 'sent' },
      { channel: 'webhook' },
      { channel: 'slack', state: 'sent' },
    ])
  stop.abort()
  await delivering
})

test('who is stopped while sending leaves the notice to the next', async ({ db, env, hook }) => {
  hook.replies.push(null)
  await raise(db, {}, ['webhook'])
  const stop = new AbortController()
  const delivering = keepDelivering(db, channelsOf(env), {
    signal: stop.signal,
    onError: () => {},
  })
  await expect.poll(() => hook.requests.length).toBe(1)
  stop.abort()
  await delivering
  expect(await deliverNotices(db, channelsOf(env), options)).toMatchObject({ sent: 1 })
})

test('people never hear that it is over before they heard of it', async ({ db, env, hook }) => {
  hook.replies.push({ status: 503 })
  await raise(db, {}, ['webhook'])
  await deliverNotices(db, channelsOf(env), options)
  await resolve(db, 'mended', ['webhook'])
  await sql`update engine.outbox set due_at = clock_timestamp() where content->>'kind' = 'recovered'`.execute(
    db,
  )
  expect(await deliverNotices(db, channelsOf(env), options)).toMatchObject({ sent: 0 })
  await pass(db, '1 minute')
  expect(await deliverNotices(db, channelsOf(env), options)).toMatchObject({ sent: 2 })
  const types = hook.requests.map(({ body }) => (JSON.parse(body) as { type: string }).type)
  expect(types).toEqual(['alert.raised', 'alert.raised', 'alert.recovered'])
})

test('a notice for a channel that was switched off waits a day for it and is given up', async ({
  db,
  env,
}) => {
  await raise(db, {}, ['mail'])
  expect(await deliverNotices(db, channelsOf(env), options)).toMatchObject({ givenUp: 0 })
  await pass(db, '25 hours')
  expect(await deliverNotices(db, channelsOf(env), options)).toMatchObject({ givenUp: 1 })
  expect(await outbox(db)).toMatchObject([
    { channel: 'mail', state: 'given up', error: 'The channel is switched off.' },
  ])
})

test('what became due while nobody sent is sent all the same, however late', async ({
  db,
  env,
}) => {
  await raise(db)
  await pass(db, '3 days')
  expect(await deliverNotices(db, channelsOf(env), options)).toMatchObject({ sent: 2 })
})

test('a warehouse that is away is asked again', async ({ db, env, slack }) => {
  const stop = new AbortController()
  const errors: unknown[] = []
  await sql`alter table engine.outbox rename to outbox_away`.execute(db)
  const delivering = keepDelivering(db, channelsOf(env), {
    signal: stop.signal,
    everyMs: 20,
    onError: (error) => errors.push(error),
  })
  await expect.poll(() => errors.length).toBeGreaterThan(3)
  await sql`alter table engine.outbox_away rename to outbox`.execute(db)
  await raise(db)
  await expect.poll(() => slack.requests.length).toBe(1)
  await sleep(50)
  stop.abort()
  await delivering
})
