import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { generateDemoInWorker } from '#pipelines/demo/in-worker.ts'
import { makeSellers } from '#pipelines/demo/sellers.ts'
import { sources } from '#pipelines/sources.ts'
import { filesBelow, hashOf, linesOf, makeSmall } from './small.ts'

const small = makeSmall(1)
afterAll(() => small[Symbol.dispose]())
const seconds = (instant = '') => Date.parse(instant) / 1000
const DAY = 86_400

// Whoever changes the generator on purpose stores the new hash; nobody else may see it change.
const STORED = '5c01ce74aa20da69e3f93c73e22e966b59a7e79cd6a55cde17e4855e371b00ec'

test('the same seed writes the same bytes, on any day and machine', () => {
  using again = makeSmall(1)
  expect(hashOf(again.outDir)).toBe(hashOf(small.outDir))
  expect(hashOf(small.outDir)).toBe(STORED)
})

test('another seed writes another marketplace', () => {
  using other = makeSmall(2)
  expect(hashOf(other.outDir)).not.toBe(hashOf(small.outDir))
})

test('a seller does not change because there are more sellers', () => {
  expect(makeSellers(1, 40).slice(0, 20)).toEqual(makeSellers(1, 20))
})

test('the folder says that it is synthetic, and every feed has a folder', () => {
  const files = filesBelow(small.outDir)
  expect(files).toContain('SYNTHETIC.txt')
  expect(small.truth.synthetic).toBe(true)
  const feeds = new Set(
    files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]),
  )
  expect(feeds).toEqual(new Set(sources.map(({ name }) => name.slice('raw.'.length))))
})

test('every row keeps its contract, but for those that the truth expects in quarantine', () => {
  const rejected: Record<string, number> = {}
  for (const { name, contract, reshape } of sources) {
    const feed = name.slice('raw.'.length)
    const columns = Object.keys(contract.shape)
    for (const { cells, isWhole } of linesOf(small.outDir, feed)) {
      const records = reshape ? reshape(cells) : [cells]
      const isKept =
        isWhole &&
        records.every((record) => {
          const row = Object.fromEntries(columns.map((column) => [column, record[column] || null]))
          return z.safeParse(contract, row).success
        })
      if (!isKept) rejected[feed] = (rejected[feed] ?? 0) + 1
    }
  }
  expect(rejected).toEqual(small.truth.quarantined)
})

describe('the feeds are dirty', () => {
  const events = linesOf(small.outDir, 'payment_event').filter(({ isWhole }) => isWhole)

  test('about 3 in 1000 rows are sent twice, some of them in a later file', () => {
    const regular = events.filter(({ file }) => !file.includes('resend'))
    const byText = Map.groupBy(regular, ({ text }) => text)
    const twice = [...byText.values()].filter((lines) => lines.length > 1)
    expect(twice.length / byText.size).toBeGreaterThan(0.001)
    expect(twice.length / byText.size).toBeLessThan(0.006)
    expect(twice.some((lines) => new Set(lines.map(({ file }) => file)).size > 1)).toBe(true)
  })

  test('2 % of the events are recorded more than two days late, 2 in 1000 more than two weeks', () => {
    const regular = events.filter(({ file }) => !file.includes('resend'))
    const lateness = regular.map(
      ({ cells }) => seconds(cells['recorded_at']) - seconds(cells['occurred_at']),
    )
    const share = (days: number) =>
      lateness.filter((late) => late > days * DAY).length / lateness.length
    expect(lateness.reduce((least, late) => Math.min(least, late), Infinity)).toBeGreaterThan(0)
    expect(share(2)).toBeCloseTo(0.02, 2)
    expect(share(14)).toBeGreaterThan(0.0005)
  })

  test('a late row comes in the file of the quarter that recorded it', () => {
    const quarter = (instant = '') =>
      `${instant.slice(0, 4)}-Q${Math.ceil(Number(instant.slice(5, 7)) / 3)}.csv`
    const firstFiles = new Map(events.toReversed().map((line) => [line.text, line]))
    const late = [...firstFiles.values()].filter(
      ({ cells }) => quarter(cells['recorded_at']) > quarter(cells['occurred_at']),
    )
    expect(late.length).toBeGreaterThan(3)
    expect(late.filter(({ file, cells }) => file !== quarter(cells['recorded_at']))).toEqual([])
  })

  test('rows do not come in the order in which things happened', () => {
    const times = events.map(({ cells }) => seconds(cells['occurred_at']))
    expect(times.some((time, at) => time < (times[at - 1] ?? 0))).toBe(true)
  })

  test('some events are sent again with other content, and the newer version is the true one', () => {
    const versions = Map.groupBy(
      [...new Map(events.map((line) => [line.text, line])).values()],
      ({ cells }) => cells['source_event_id'],
    )
    const changed = [...versions.values()].filter((lines) => lines.length > 1)
    expect(changed.length).toBeGreaterThan(0)
    for (const lines of changed) {
      expect(new Set(lines.map(({ cells }) => cells['recorded_at'])).size).toBe(lines.length)
    }
  })

  test('the ledger corrects events by superseding them, and restates totals', () => {
    const fees = linesOf(small.outDir, 'fee_event').filter(({ isWhole }) => isWhole)
    const ids = new Set(fees.map(({ cells }) => cells['source_event_id']))
    const superseding = fees.filter(({ cells }) => cells['supersedes'] !== '')
    expect(superseding.length).toBeGreaterThan(5)
    expect(superseding.every(({ cells }) => ids.has(cells['supersedes'] ?? ''))).toBe(true)
    expect(fees.some(({ cells }) => cells['amount_kind'] === 'restated')).toBe(true)
  })

  test('a re-send breaks off in the middle of a line, and its whole lines are known already', () => {
    const resent = linesOf(small.outDir, 'payment_event').filter(({ file }) =>
      file.includes('resend'),
    )
    const known = new Set(
      events.filter(({ file }) => !file.includes('resend')).map(({ text }) => text),
    )
    expect(resent.map(({ isWhole }) => isWhole).lastIndexOf(false)).toBe(resent.length - 1)
    expect(resent.slice(0, -1).every(({ text }) => known.has(text))).toBe(true)
    expect(resent.length).toBeGreaterThan(5)
  })

  test('codes that nobody has explained are there to be seen', () => {
    expect(events.some(({ cells }) => cells['reason_code'] === 'Z9')).toBe(true)
    expect(
      linesOf(small.outDir, 'contact').some(({ cells }) => cells['reason_code'] === 'misc_7'),
    ).toBe(true)
  })
})

test.for(['fee_event', 'payment_event', 'case_event', 'contact'])(
  'nothing in %s is recorded after the extraction, and something in its last hour',
  (feed) => {
    const recorded = linesOf(small.outDir, feed)
      .filter(({ isWhole }) => isWhole)
      .map(({ cells }) => seconds(cells['recorded_at']))
    const last = recorded.reduce((latest, at) => Math.max(latest, at), 0)
    expect(new Date(last * 1000).toISOString()).toBe('2027-02-04T00:00:00.000Z')
  },
)

test('a worker thread writes the same and tells how far it is', async () => {
  const outDir = mkdtempSync(join(tmpdir(), 'recoup-demo-'))
  const shares: number[] = []
  const onProgress = (share: number) => shares.push(share)
  const result = await generateDemoInWorker({ preset: 'small', seed: 1, outDir, onProgress })
  expect(hashOf(outDir)).toBe(hashOf(small.outDir))
  expect(result.feeds['fee']).toEqual(small.result.feeds['fee'])
  expect(shares).toEqual(shares.toSorted((a, b) => a - b))
  expect(shares.at(-1)).toBe(1)
  rmSync(outDir, { recursive: true })
})
