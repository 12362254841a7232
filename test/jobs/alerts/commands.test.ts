import { expect, vi } from 'vitest'

import { listAlerts, testAlerts } from '#jobs/commands/alerts.ts'

import { outbox, raise, test as base } from './kit.ts'

/** What the commands print, on the database of the test. */
const test = base.extend('printed', ({ url }, { onCleanup }) => {
  vi.stubEnv('DATABASE_URL', url)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onCleanup(() => {
    log.mockRestore()
    vi.unstubAllEnvs()
  })
  return () => log.mock.calls.map(([line]) => String(line)).join('\n')
})

test('the list says what is wrong and what was not delivered, in words and as JSON', async ({
  db,
  printed,
}) => {
  await listAlerts({ format: 'table' })
  expect(printed()).toBe('Nothing is wrong.')
  await raise(db, {}, ['slack'])
  await listAlerts({ format: 'table' })
  expect(printed()).toMatch(/error {2,}\d{4}-.* UTC +1 +mart\.fact_fee failed in run 12 +12/)
  expect(printed()).toMatch(/slack +0 .* nobody sends: recoup up and recoup worker do/)
  await listAlerts({ format: 'json' })
  expect(JSON.parse(printed().slice(printed().lastIndexOf('\n{')))).toMatchObject({
    alerts: [{ key: 'run failed: mart.fact_fee', times: 1 }],
    undelivered: [{ channel: 'slack', state: 'waiting', tries: 0 }],
  })
})

test('the test command says of each channel whether it took the notice', async ({
  db,
  env,
  slack,
  printed,
}) => {
  await expect(testAlerts({ format: 'table' })).rejects.toThrow('RECOUP_ALERT_WEBHOOK, RECOUP')
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  expect(await testAlerts({ format: 'table' })).toBe(0)
  slack.replies.push({ status: 404, body: 'no_service' })
  expect(await testAlerts({ format: 'table' })).toBe(1)
  const lines = printed().split('\n').slice(-2)
  expect(lines).toEqual([
    expect.stringMatching(/^webhook {2}http:\/\/127\.0\.0\.1:\d+: sent$/),
    expect.stringMatching(/^slack .*: http:.* answered 404: no_service$/),
  ])
  expect(await outbox(db)).toEqual([])
})
