import fc from 'fast-check'
import { expect, test } from 'vitest'

import { SeenKeys } from '#kit/load/keys.ts'

test('a key that was seen is never called new, however many there are', () => {
  const hashes = fc.array(fc.integer({ min: -3, max: 100_000 }), { maxLength: 500 })
  fc.assert(
    fc.property(hashes, (all) => {
      const keys = new SeenKeys({ slots: 4 })
      const seen = new Set<number>()
      const forgotten = all.filter((hash) => {
        const wasSeen = seen.has(hash)
        seen.add(hash)
        return !keys.seen(hash) && wasSeen
      })
      expect(forgotten).toEqual([])
    }),
  )
})

test('nearly every new key is called new', () => {
  const keys = new SeenKeys()
  let wrong = 0
  for (let i = 1; i <= 100_000; i++) if (keys.seen(Math.imul(i, 0x9e3779b1))) wrong++
  expect(wrong).toBeLessThan(10)
})

test('of a table with rows that nobody hashed, every key is perhaps known', () => {
  expect(new SeenKeys({ saturated: true }).seen(7)).toBe(true)
})
