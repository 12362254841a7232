/** 64 bits that stand for a key, in two halves. */
import { int32At } from './fields/field.ts'

/** The hash of the key hashed last. Both halves are int32. */
export const keyHash = { high: 0, low: 0 }

/**
 * Hashes a key into `keyHash`. A key is the fields of its columns in the order of the grain, as a
 * binary COPY tuple has them: length and bytes, so that ('a', 'bc') and ('ab', 'c') differ and every
 * format comes to the same hash. Field i begins at starts[places[i]].
 */
export function hashKey(tuple: Uint8Array, starts: Int32Array, places: Int32Array) {
  let high = 0x3c6ef372
  let low = 0x1b873593
  for (let i = 0; i < places.length; i++) {
    let at = starts[places[i]!]!
    const length = int32At(tuple, at)
    const end = at + 4 + (length > 0 ? length : 0)
    while (at < end) {
      const left = end - at
      const word = left >= 4 ? int32At(tuple, at) : lastBytes(tuple, at, left)
      at += 4
      high = Math.imul(rotated(high ^ scrambled(word, 0xcc9e2d51 | 0), 13), 5) + 0x6b64e653
      low = Math.imul(rotated(low ^ scrambled(word, 0x85ebca6b | 0), 17), 9) + 0x27d4eb2f
    }
  }
  keyHash.high = mixed(high ^ rotated(low, 16))
  keyHash.low = mixed(low + keyHash.high)
}

function lastBytes(bytes: Uint8Array, at: number, left: number): number {
  let word = bytes[at]!
  for (let i = 1; i < left; i++) word = (word << 8) | bytes[at + i]!
  return word
}

/** The steps of MurmurHash3: every bit of a word reaches every bit of its half. */
function scrambled(word: number, factor: number): number {
  return Math.imul(rotated(Math.imul(word, factor), 15), 0x1b873593)
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function mixed(half: number): number {
  let value = Math.imul(half ^ (half >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) | 0
}
