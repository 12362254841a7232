import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openWarehouse, type Warehouse } from '#jobs/postgres/warehouse.ts'

import { type Command, type Ended, makeHome, run, start } from './kit.ts'

const { home, remove } = makeHome()
let warehouse: Warehouse
let client: pg.Client

const recoup = (...args: string[]) => run(home, ...args)
const json = ({ stdout, stderr }: Ended) => {
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Record<string, unknown>
}
const ask = async (...args: string[]) => json(await recoup(...args, '--format', 'json'))

beforeAll(async () => {
  warehouse = await openWarehouse({ RECOUP_HOME: home })
  client = new pg.Client({ connectionString: warehouse.url })
  await client.connect()
  const folder = join(home, 'given')
  mkdirSync(folder)
  const file = join(folder, 'partners.csv')
  writeFileSync(file, 'partner,partner_kind,contracted_on\np1,bank,2024-01-01\n')
  const loaded = await recoup('ingest', file, '--as', 'partner', '--quiet')
  expect(loaded).toMatchObject({ code: 0, stderr: '' })
}, 120_000)

afterAll(async () => {
  await client.end()
  await warehouse.close()
  remove()
})

/** Holds a table, so that a step which fills it waits. */
async function hold(table: string) {
  await client.query('begin')
  await client.query(`lock table ${table} in access exclusive mode`)
  return () => client.query('rollback')
}

const stateOf = async (id: number) => (await ask('runs', String(id))).state

describe('assets are seen and run from the command line', { timeout: 120_000 }, () => {
  test('an asset in detail, and all in a table', async () => {
    expect(await ask('assets', 'dim_partner')).toMatchObject({
      asset: 'mart.dim_partner',
      file: 'models/partners/dim-partner.ts',
      state: 'fresh',
      rows: 1,
      reads: ['raw.partner'],
    })
    const { stdout, code } = await recoup('assets')
    expect(code).toBe(0)
    expect(stdout).toMatch(/mart\.dim_partner +model +whole +1 .* fresh/)
    expect(stdout).toContain('all fresh')
  })

  test('a run with nobody there does the work itself, in the order of the graph', async () => {
    expect(await ask('workers')).toEqual([])
    const dry = await ask('run', 'raw.partner+', '--dry-run')
    const planned = (dry.plan as { asset: string }[]).map(({ asset }) => asset)
    expect(planned.slice(0, 2)).toEqual(['raw.partner', 'mart.dim_partner'])
    expect(await ask('runs')).toHaveLength(1)

    const { code, stdout, stderr } = await recoup('run', 'dim_partner')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/mart\.dim_partner +1 row .*\n✓ Run 2 .* 1 table made \(1 row\)\n$/)
    expect(await ask('runs', '--limit', '1')).toMatchObject([
      { id: 2, kind: 'run', request: { selection: 'dim_partner' }, state: 'done' },
    ])
    expect((await recoup('run')).stdout).toBe('Nothing is stale.\n')
  })

  test('Ctrl-C leaves the run; a worker goes on with it, and its log ends when it does', async () => {
    const release = await hold('mart.dim_partner')
    const waiting = start(home, 'run', 'dim_partner')
    let worker: Command | undefined
    try {
      await expect
        .poll(async () => (await client.query(running)).rows.length, { timeout: 20_000 })
        .toBe(1)
      waiting.process.kill('SIGINT')
      const { code, stdout } = await waiting.ended
      expect(code).toBe(130)
      expect(stdout).toContain('Run 3 stays as it is')
      expect(await stateOf(3)).toBe('running')
    } finally {
      await release()
    }
    const log = start(home, 'logs', '3', '--follow')
    worker = start(home, 'worker')
    await worker.printed('Working')
    const { code, stdout } = await log.ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/planned +1 step, run: dim_partner/)
    expect(stdout).toMatch(/mart\.dim_partner +done +1 row in/)
    expect(stdout).toMatch(/ended +done in .*\n$/)

    // Somebody works, so a second one only watches.
    expect(await ask('workers')).toMatchObject([{ isAlive: true, pid: worker.process.pid }])
    const watched = await ask('run', 'dim_partner')
    expect(watched).toMatchObject({ run: 4, state: 'done', rows: 1 })
    const { rows } = await client.query('select worker from engine.step where run in (3, 4)')
    expect(new Set(rows.map((row: { worker: number }) => row.worker)).size).toBe(1)
    worker.process.kill('SIGINT')
    await worker.ended
  })

  test('a run that nobody waits for can be paused, cancelled, and done after all', async () => {
    expect(await ask('run', 'dim_partner', '--detach')).toEqual({ run: 5, steps: 1 })
    expect((await recoup('runs')).stdout).toMatch(
      /dim_partner +running +0 of 1 step, waits for a worker/,
    )
    expect(await ask('backfill', 'pause', '5')).toMatchObject({ paused: true })
    expect((await recoup('backfill', 'status', '5')).stdout).toContain('paused, 0 of 1 step')
    expect(await ask('cancel', '5')).toMatchObject({ state: 'cancelled' })
    const again = await recoup('cancel', '5')
    expect(again).toMatchObject({ code: 1, stdout: '' })
    expect(again.stderr).toContain('Run 5 has ended already: it is cancelled.')
    expect(await ask('run', '--from-failure', '5')).toMatchObject({ run: 6, state: 'done' })
  })

  test('a step that fails ends the command with 1 and says how to go on', async () => {
    await client.query(
      `alter table mart.dim_partner add constraint no_bank check (partner_kind <> 'bank') not valid`,
    )
    const { code, stderr } = await recoup('run', 'dim_partner')
    await client.query('alter table mart.dim_partner drop constraint no_bank')
    expect(code).toBe(1)
    expect(stderr).toMatch(/mart\.dim_partner failed: .*no_bank.*recoup run --from-failure 7/)
    expect((await recoup('assets', 'dim_partner')).stdout).toContain('failed')
    expect((await recoup('run', '--from-failure', '7')).code).toBe(0)
    expect(await ask('assets', 'dim_partner')).toMatchObject({ state: 'fresh' })
  })

  test('what cannot be meant ends with 2 and what can', async () => {
    const mistakes: [string[], string][] = [
      [['assets', 'dim_partnr'], 'Nearest: mart.dim_partner'],
      [['run', 'dim_partner', '--from', '2026-01'], 'not partitioned'],
      [['run', '--only', 'failed'], 'Of what?'],
      [['backfill'], 'Of what?'],
      [['runs', '99'], 'There is no run 99'],
      [['logs', '1', '--step', 'dim_partnr'], 'Nearest: dim_partner, '],
      [['cancel', 'x'], 'not a whole number'],
      [['runs', '--state', 'happy'], 'Allowed choices are running'],
    ]
    for (const [args, words] of mistakes) {
      const { code, stdout, stderr } = await recoup(...args)
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
      expect(stderr).toContain(words)
    }
  })
})

const running = `select from engine.step where run = 3 and state = 'running'`
