import { sql } from 'kysely'
import { expect } from 'vitest'

import { raiseAlert, resolveAlert } from '#jobs/alerts/alert.ts'
import { forgetOldAlerts } from '#jobs/alerts/forget.ts'
import { openAlerts } from '#jobs/alerts/list.ts'

import { feeAlert, kinds, outbox, pass, raise, resolve, test } from './kit.ts'

test('what goes wrong again while it is open is counted and not told again', async ({ db }) => {
  await raise(db)
  await pass(db, '1 hour')
  await raise(db, { body: 'fee_kind: found "y".' })
  await raise(db)
  expect(await kinds(db)).toEqual(['raised'])
  const [alert, ...others] = await openAlerts(db)
  expect(others).toEqual([])
  expect(alert).toMatchObject({ ...feeAlert, times: 3, resolved_at: null })
  expect(Date.parse(alert!.last_seen_at) - Date.parse(alert!.raised_at)).toBeGreaterThan(3_590_000)
})

test('a warning that becomes an error is told again, once, and stays an error', async ({ db }) => {
  await raise(db, { severity: 'warning' })
  await raise(db)
  await raise(db, { severity: 'warning' })
  await raise(db)
  expect(await kinds(db)).toEqual(['raised', 'worsened'])
  expect(await openAlerts(db)).toMatchObject([{ severity: 'error', times: 4 }])
})

test('an alert of a transaction that rolls back was never raised', async ({ db }) => {
  const raising = db.transaction().execute(async (tx) => {
    await raiseAlert(tx, feeAlert, ['slack'])
    throw new Error('no')
  })
  await expect(raising).rejects.toThrow('no')
  expect(await outbox(db)).toEqual([])
  expect(await openAlerts(db)).toEqual([])
})

test('the same alert raised by two transactions at once is one alert, told once', async ({
  db,
}) => {
  await Promise.all(Array.from({ length: 8 }, () => raise(db)))
  expect(await kinds(db)).toEqual(['raised'])
  expect(await openAlerts(db)).toMatchObject([{ times: 8 }])
})

test('an error text that no database takes does not break the transaction it is raised in', async ({
  db,
}) => {
  const body = `NUL \0, half \uD83D, escape \u001B[2J, long ${'💥'.repeat(2_000)}`
  await raise(db, { title: 'two\r\nlines\u2028or three', body, about: { asset: 'a\0' } })
  const [alert] = await openAlerts(db)
  expect(alert).toMatchObject({ title: 'two lines or three', about: { asset: 'a' } })
  expect(alert?.body).toMatch(/^NUL {2}, half \uFFFD, escape {2}\[2J, long (💥)+…$/u)
  expect(alert?.body.length).toBeLessThanOrEqual(2_000)
})

test('that it is over is told once it has stayed so for five minutes', async ({ db }) => {
  await raise(db)
  await pass(db, '2 hours 5 minutes')
  await resolve(db, 'Run 13 loaded it.')
  await resolve(db)
  const told = (await outbox(db)).filter(({ kind }) => kind === 'recovered')
  expect(told.map(({ channel }) => channel)).toEqual(['webhook', 'slack'])
  for (const { due_in: seconds } of told) expect(Math.abs(seconds - 300)).toBeLessThan(10)
  expect(await openAlerts(db)).toMatchObject([{ calm_at: expect.any(String) as string }])
  await pass(db, '5 minutes')
  expect(await openAlerts(db)).toEqual([])
})

test('resolving what is not open says nothing', async ({ db }) => {
  await resolve(db)
  expect(await outbox(db)).toEqual([])
})

test('what is over for a moment only was never over, and must stay away for twice as long', async ({
  db,
}) => {
  await raise(db)
  await resolve(db)
  await pass(db, '4 minutes')
  await raise(db)
  expect(await kinds(db)).toEqual(['raised'])
  await resolve(db)
  const last = (await outbox(db)).at(-1)
  expect(last).toMatchObject({ kind: 'recovered', state: 'waiting' })
  expect(Math.abs(last!.due_in - 600)).toBeLessThan(10)
})

test('what comes and goes every quarter of an hour is told three times and not all day', async ({
  db,
}) => {
  for (let round = 0; round < 40; round++) {
    await raise(db)
    await pass(db, '15 minutes')
    await resolve(db)
    await pass(db, '15 minutes')
  }
  expect(await kinds(db)).toEqual([
    'raised',
    'recovered',
    'raised',
    'recovered',
    'raised',
    'recovered',
  ])
  await pass(db, '4 hours')
  expect(await openAlerts(db)).toEqual([])
})

test('what comes back after somebody was told that it is over is told again', async ({ db }) => {
  await raise(db)
  await resolve(db)
  // Slack heard of it; the webhook has not yet.
  await sql`
    update engine.outbox set state = 'sent', tries = 1
    where channel = 'slack' and content->>'kind' = 'recovered'`.execute(db)
  await raise(db)
  expect(await kinds(db)).toEqual(['raised', 'recovered', 'raised'])
})

test('a warning that comes back as an error while its end was not told is told as worse', async ({
  db,
}) => {
  await raise(db, { severity: 'warning' })
  await resolve(db)
  await raise(db)
  expect(await kinds(db)).toEqual(['raised', 'worsened'])
})

test('without a channel alerts are kept and nothing is sent', async ({ db }) => {
  await raise(db, {}, [])
  await resolve(db, 'mended', [])
  await raise(db, {}, [])
  expect(await outbox(db)).toEqual([])
  expect(await openAlerts(db)).toMatchObject([{ times: 2 }])
})

test('a resolve does not wait for a transaction that raised something else', async ({ db }) => {
  await db.transaction().execute(async (tx) => {
    await raiseAlert(tx, feeAlert, [])
    await resolveAlert(db, 'run failed: mart.fact_case', {}, [])
    await raiseAlert(db, { ...feeAlert, key: 'run failed: mart.fact_case' }, [])
  })
  expect(await openAlerts(db)).toHaveLength(2)
})

test('a month after its end an alert is forgotten with its notices; what is open stays', async ({
  db,
}) => {
  await raise(db)
  await resolve(db)
  await pass(db, '31 days')
  await raise(db, { key: 'other' })
  await pass(db, '31 days')
  expect(await forgetOldAlerts(db)).toBe(1)
  expect(await openAlerts(db)).toMatchObject([{ key: 'other' }])
  expect(await kinds(db)).toEqual(['raised'])
})
