import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, expect, test } from 'vitest'

import { signToken } from '#cube/server/sign-token.ts'
import { homeOf } from '#jobs/home.ts'
import { cubeClient } from '#jobs/kpis/cube-client.ts'
import { findRuntime } from '#jobs/runtime.ts'

import { makeHome, run, start } from './kit.ts'
import { differences, readTruth } from './truth.ts'

const { home, remove } = makeHome()
afterAll(remove)

const up = () => start(home, 'up', '--exit', '--preset', 'small')

/** Where a fresh start is killed with no chance to tidy up. */
const moments: [string, RegExp, number][] = [
  ['while the demo is made', /Warehouse/, 300],
  ['while the feeds are loaded', /raw\.\w+ .* rows/, 50],
  ['while the facts are made', /mart\.fact_\w+ .* rows/, 20],
]

test(
  'killed three times on the way, the next start ends with the true numbers',
  { timeout: 180_000 },
  async () => {
    for (const [, words, patience] of moments) {
      const victim = up()
      await victim.printed(words)
      await sleep(patience)
      victim.process.kill('SIGKILL')
      await victim.ended
    }
    const last = await up().ended
    expect(last).toMatchObject({ code: 0, stderr: '' })

    const recoup = start(home, 'up')
    await recoup.printed('Ctrl-C')
    const { cubeUrl, secret } = findRuntime(homeOf({ RECOUP_HOME: home }))!
    const cube = cubeClient(cubeUrl, signToken(secret, { groups: ['admin'], marketplaces: 'all' }))
    expect(await differences(readTruth(home), cube)).toEqual([])
    recoup.process.kill('SIGINT')
    expect((await recoup.ended).code).toBe(0)
  },
)

const header =
  'source,source_event_id,fee_id,event_type,occurred_at,recorded_at,amount_minor,amount_kind,' +
  'currency,reason_code,supersedes'

/** Writes a file as a user would have it, and ingests it. */
async function ingest(name: string, text: string, feed = 'fee_event') {
  const folder = join(home, 'given')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), text)
  return await run(home, 'ingest', join(folder, name), '--as', feed)
}

test('an empty file is refused in a sentence', async () => {
  const { code, stderr } = await ingest('empty.csv', '')
  expect(code).toBe(1)
  expect(stderr).toContain('empty.csv')
  expect(stderr).toContain('recoup contracts fee_event')
})

test('a file with other columns is refused with those a feed must have', async () => {
  const { code, stderr } = await ingest('orders.csv', 'order,amount\nA-1,12.50\n')
  expect(code).toBe(1)
  expect(stderr).toContain('source_event_id')
})

test('an unknown currency sets its row aside and the rest is loaded', async () => {
  const row = (id: string, currency: string) =>
    `epr_ledger,${id},F0000017,disputed,2027-01-14T09:30:00Z,2027-01-14T09:31:12Z,0,delta,${currency},,`
  const { code, stdout } = await ingest(
    'currency.csv',
    [header, row('X1', 'EURO'), row('X2', 'EUR'), ''].join('\n'),
  )
  expect(code).toBe(0)
  expect(stdout).toMatch(/currency\.csv +2 +1 +0 +0 +1/)
  expect(stdout).toContain('1 row was set aside')
  expect(stdout).toContain('found "EURO"')
})

test('a file cut in the middle of a line loses only that line', async () => {
  const row = `epr_ledger,Y1,F0000017,disputed,2027-01-15T09:30:00Z,2027-01-15T09:31:12Z,0,delta,EUR,,`
  const { code, stdout } = await ingest('cut.csv', `${header}\n${row}\nepr_ledger,Y2,F00000`)
  expect(code).toBe(0)
  expect(stdout).toMatch(/cut\.csv +2 +1 +0 +0 +1/)
})

test('the same file again changes nothing and says so', async () => {
  const row = `epr_ledger,Y1,F0000017,disputed,2027-01-15T09:30:00Z,2027-01-15T09:31:12Z,0,delta,EUR,,`
  const { code, stdout } = await ingest('cut.csv', `${header}\n${row}\nepr_ledger,Y2,F00000`)
  expect(code).toBe(0)
  expect(stdout).toContain('nothing changed')
})

test('an unknown feed is answered with the nearest name, and exit code 2', async () => {
  const { code, stderr } = await ingest('cut.csv', header, 'fee_events')
  expect(code).toBe(2)
  expect(stderr).toContain('Did you mean fee_event')
})

test('the quarantine lists the bad rows with their place and text', async () => {
  const { stdout } = await run(home, 'quarantine', 'show', '--feed', 'fee_event', '--format', 'csv')
  expect(stdout).toContain('EURO')
  expect(stdout).toContain('"epr_ledger,Y2,F00000"')
})
