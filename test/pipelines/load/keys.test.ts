import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect } from 'vitest'

import { BatchKeys } from '#kit/load/batch-keys.ts'
import { KeyFilter } from '#kit/load/key-filter.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'

import { test } from './feed-file.ts'
import { randomFrom } from './messy-file.ts'

const half = () => fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const fewKeys = fc.array(fc.tuple(fc.integer({ min: -3, max: 30 }), half()), { maxLength: 500 })

test('a key that was seen is never called new, however many there are', () => {
  fc.assert(
    fc.property(fewKeys, (keys) => {
      const filter = new KeyFilter()
      for (const [high, low] of keys) filter.isNew(high, low)
      expect(keys.filter(([high, low]) => filter.isNew(high, low))).toEqual([])
    }),
  )
})

test('nearly every new key is called new, also when there are more than were expected', () => {
  const filter = new KeyFilter({ expected: 1000 })
  const random = randomFrom(1)
  const next = () => (random() * 2 ** 32) | 0
  let wrong = 0
  for (let i = 0; i < 300_000; i++) if (!filter.isNew(next(), next())) wrong++
  expect(filter.layers.length).toBeGreaterThan(1)
  expect(wrong).toBeLessThan(600)
})

test('a filter at its limit goes on without growing', () => {
  const filter = new KeyFilter({ limitBytes: 1 << 17 })
  const random = randomFrom(2)
  for (let i = 0; i < 200_000; i++) filter.isNew((random() * 2 ** 32) | 0, (random() * 2 ** 32) | 0)
  expect(filter.bytes).toBe(1 << 17)
})

test('of the keys of a batch it is known exactly which came before', () => {
  fc.assert(
    fc.property(fewKeys, (keys) => {
      const batch = new BatchKeys()
      const seen = new Set<string>()
      for (const [high, low] of keys) {
        const key = `${high}/${low | 1}`
        expect(batch.has(high, low)).toBe(seen.has(key))
        seen.add(key)
      }
    }),
  )
})

describe('the keys of a table, kept in a file between loads,', () => {
  const header = 'partner,partner_kind,contracted_on'
  const partners = (from: number, to: number, kind = 'bank') =>
    Array.from({ length: to - from }, (_, i) => `p${from + i},${kind},2024-01-01`)

  const stale: [string, (path: string) => void][] = [
    ['as they were left', () => {}],
    ['or lost', (path) => writeFileSync(path, '')],
    ['or damaged', (path) => writeFileSync(path, readFileSync(path).subarray(0, 2000))],
    ['or wrong', (path) => writeFileSync(path, readFileSync(path).fill(0, 1024))],
  ]
  test.for(stale)('%s, leave the same table', async ([, spoil], { loader }) => {
    const keysFolder = join(loader.folder, 'keys')
    const load = (name: string, lines: string[]) =>
      loader.load(rawPartner, loader.write(name, [header, ...lines].join('\n')), { keysFolder })
    expect(await load('1.csv', partners(0, 500))).toMatchObject({ rowsNew: 500 })
    const path = join(keysFolder, 'partner.keys')
    expect(existsSync(path)).toBe(true)
    spoil(path)
    const second = [...partners(400, 500), ...partners(300, 400, 'wallet'), ...partners(500, 600)]
    expect(await load('2.csv', second)).toMatchObject({
      rowsNew: 100,
      rowsNewer: 100,
      rowsSame: 100,
    })
    expect(await loader.table(rawPartner)).toHaveLength(600)
  })
})
