import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { signToken } from '#cube/server/sign-token.ts'
import { kpisOf } from '#jobs/kpis/catalogue.ts'
import { type CubeClient, cubeClient } from '#jobs/kpis/cube-client.ts'
import { homeOf } from '#jobs/home.ts'
import { findRuntime } from '#jobs/runtime.ts'

import { type Command, type Ended, fingerprints, makeHome, run, start } from './kit.ts'
import { differences, isSame, readTruth, sentence, type Truth } from './truth.ts'

const { home, remove } = makeHome()
let first: Ended
let recoup: Command
let startedIn: number
let truth: Truth
let cube: CubeClient

beforeAll(async () => {
  first = await run(home, 'up', '--exit', '--preset', 'small')
  if (first.code !== 0) throw new Error(`${first.stdout}\n${first.stderr}`)
  truth = readTruth(home)

  const begin = Date.now()
  recoup = start(home, 'up')
  await recoup.printed('Ctrl-C')
  startedIn = Date.now() - begin
  const runtime = findRuntime(homeOf({ RECOUP_HOME: home }))!
  cube = cubeClient(
    runtime.cubeUrl,
    signToken(runtime.secret, { groups: ['admin'], marketplaces: 'all' }),
  )
}, 120_000)

afterAll(async () => {
  recoup?.process.kill('SIGKILL')
  await recoup?.ended
  // Ends the Postgres that the kill left behind.
  await run(home, 'status')
  remove()
})

test('a fresh start ends with a table of KPIs and what was set aside', () => {
  expect(first).toMatchObject({ code: 0, stderr: '' })
  for (const words of ['Synthetic data', 'Recovery', 'Rows set aside'])
    expect(first.stdout).toContain(words)
})

test('only a start that stays gives addresses', async () => {
  await recoup!.printed('Cube REST')
  await recoup!.printed('psql -h 127.0.0.1')
  expect(first.stdout).not.toContain('psql')
})

test('a second start makes nothing anew and is there in seconds', async () => {
  const { stdout } = await run(home, 'status', '--format', 'json')
  expect(JSON.parse(stdout)).toMatchObject({ stale: [], lastRun: { id: 1, state: 'done' } })
  expect(startedIn).toBeLessThan(10_000)
})

test('every KPI is what the generator knows to be true, through Cube REST', async () => {
  expect(truth.kpis.length).toBeGreaterThan(500)
  expect(await differences(truth, cube)).toEqual([])
})

test('every KPI is the same through the command line', { timeout: 120_000 }, async () => {
  const wanted = truth.kpis.filter(({ slice, from, to }) => {
    const isNow = from === to && from !== null && from === truth.feeds.fees?.asOf
    return Object.keys(slice).length === 0 && (from === null || isNow)
  })
  const units = new Map(kpisOf(await cube.views()).map(({ name, unit }) => [name, unit]))
  const found: string[] = []
  const queue = [...wanted]
  const asker = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const { stdout, stderr } = await run(home, 'kpi', next.kpi, '--format', 'json')
      if (!stdout) throw new Error(stderr)
      const answer = JSON.parse(stdout) as { rows: { value: string | null }[] }
      const value = answer.rows[0]?.value ?? null
      if (!isSame(value, next.value, units.get(next.kpi)!)) found.push(sentence(next, value))
    }
  }
  await Promise.all([asker(), asker(), asker()])
  expect(wanted.length).toBeGreaterThan(30)
  expect(found).toEqual([])
})

test('a KPI of a week, by marketplace, says what it is and whether it is whole', async () => {
  const { stdout } = await run(
    home,
    'kpi',
    'recovery_cohort_rate_90d',
    '--week',
    '2027-W04',
    '--by',
    'marketplace',
  )
  expect(stdout).toContain('Not mature')
  expect(stdout).toContain('all are on 2027-05-01')
  const csv = await run(
    home,
    'kpi',
    'decline_mix',
    '--week',
    '2026-W53',
    '--by',
    'partner',
    '--format',
    'csv',
  )
  expect(csv.stdout.split('\n')[0]).toBe('partner,part,value,denominator')
})

test('an unknown KPI is answered with the nearest names, and exit code 2', async () => {
  const { code, stderr } = await run(home, 'kpi', 'recovery_rate_90d')
  expect(code).toBe(2)
  expect(stderr).toContain('Did you mean recovery_cohort_rate_90d?')
})

test('the quarantine lists every bad row of the demo and no other', async () => {
  const { stdout } = await run(home, 'quarantine', 'show', '--format', 'json', '--limit', '10000')
  const rows = JSON.parse(stdout) as { feed: string; line: number; reason: string }[]
  const counts = Object.fromEntries(
    [...Map.groupBy(rows, ({ feed }) => feed)].map(([feed, { length }]) => [feed, length]),
  )
  const expected = Object.entries(truth.quarantined).filter(([, count]) => count > 0)
  expect(counts).toEqual(Object.fromEntries(expected))
  expect(rows.every(({ reason, line }) => reason && line > 0)).toBe(true)
})

test('a second up on the same home says who is already up', async () => {
  const { code, stderr } = await run(home, 'up')
  expect(code).toBe(1)
  expect(stderr).toContain(`Recoup is already up here: process ${recoup.process.pid}`)
})

test('Ctrl-C ends Recoup cleanly', async () => {
  recoup.process.kill('SIGINT')
  const { code, stderr } = await recoup.ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(existsSync(join(home, 'runtime.json'))).toBe(false)
})

test(
  'the same feeds again, shuffled and in seven pieces, change no fact',
  {
    timeout: 120_000,
  },
  async () => {
    const before = await fingerprints(home)
    const pieces = join(home, 'pieces')
    cutInSeven(join(home, 'inbox'), pieces)
    cpSync(pieces, join(home, 'inbox'), { recursive: true })

    const again = await run(home, 'up', '--exit')
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(again.stdout).toContain('no new row, no table changed')
    expect(await fingerprints(home)).toEqual(before)
  },
)

test(
  'facts made from the shuffled pieces alone are the same facts',
  {
    timeout: 120_000,
  },
  async () => {
    const other = makeHome()
    cpSync(join(home, 'pieces'), join(other.home, 'inbox'), { recursive: true })
    const { code, stderr } = await run(other.home, 'up', '--exit')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await fingerprints(other.home)).toEqual(await fingerprints(home))
    other.remove()
  },
)

/** Writes every feed of an inbox anew: all its lines, shuffled, in seven files. */
function cutInSeven(inbox: string, target: string) {
  for (const feed of readdirSync(inbox)) {
    const folder = join(inbox, feed)
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    mkdirSync(join(target, feed), { recursive: true })
    for (const [header, pieces] of inSevenPieces(files))
      for (const [number, lines] of pieces.entries())
        writeFileSync(
          join(target, feed, `again-${header.length}-${number}.csv`),
          `${header}\n${lines.join('\n')}\n`,
        )
  }
}

/** All lines of a feed under their header, in an order that has nothing to do with the files'. */
function inSevenPieces(files: readonly string[]): Map<string, string[][]> {
  const byHeader = new Map<string, string[]>()
  for (const text of files) {
    const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '')
    byHeader.set(header, [...(byHeader.get(header) ?? []), ...lines])
  }
  const pieces = [...byHeader].map(([header, lines]): [string, string[][]] => {
    const shuffled = lines.map((line, place) => ({ line, order: (place * 7919) % 10_007 }))
    shuffled.sort((a, b) => a.order - b.order)
    const seven = Array.from({ length: 7 }, (_, piece) =>
      shuffled.filter((_line, place) => place % 7 === piece).map(({ line }) => line),
    )
    return [header, seven.filter(({ length }) => length > 0)]
  })
  return new Map(pieces)
}
