import { expect, test } from 'vitest'

import { hashKey, keyHash } from '#kit/encode/key-hash.ts'

/** The key of these texts as a tuple has them. */
function hashOf(...texts: string[]): readonly [number, number] {
  const fields = texts.map((text) => {
    const bytes = Buffer.from(text)
    const length = Buffer.alloc(4)
    length.writeInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  })
  let at = 0
  const starts = Int32Array.from(fields, (field) => (at += field.length) - field.length)
  hashKey(Buffer.concat(fields), starts, Int32Array.from(fields.keys()))
  return [keyHash.high, keyHash.low]
}

test('keys that share their letters differ', () => {
  const keys = [['a', 'bc'], ['ab', 'c'], ['abc', ''], ['', 'abc'], ['c', 'ab'], ['abc'], ['abc\0']]
  expect(new Set(keys.map((texts) => hashOf(...texts).join('/'))).size).toBe(keys.length)
})

// A filter takes bits from anywhere in a half: keys that count up must fill all of them evenly.
test('a hundred thousand keys that count up have no two equal hashes, and every bit is even', () => {
  const total = 100_000
  const seen = new Set<string>()
  const ones = new Uint32Array(64)
  for (let i = 0; i < total; i++) {
    const [high, low] = hashOf('gateway', `PE${String(i).padStart(10, '0')}`)
    seen.add(`${high}/${low}`)
    for (let bit = 0; bit < 32; bit++) {
      ones[bit]! += (high >>> bit) & 1
      ones[32 + bit]! += (low >>> bit) & 1
    }
  }
  expect(seen.size).toBe(total)
  for (const count of ones) expect(Math.abs(count / total - 0.5)).toBeLessThan(0.01)
})

test('half the hash alone falls into buckets as chance would have it', () => {
  const buckets = new Uint32Array(1024)
  for (let i = 0; i < 102_400; i++) buckets[hashOf('s', `F${i}`)[1] & 1023]!++
  expect(Math.max(...buckets)).toBeLessThan(160)
  expect(Math.min(...buckets)).toBeGreaterThan(55)
})
