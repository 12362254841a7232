/** One value on its way from a file's bytes to a binary COPY tuple. */

/**
 * Writes the value that stands in src[start, end) as a field of a binary COPY tuple (its length in
 * four bytes, then its bytes) at out[at]. Returns the next free place, or -1 for "not provably
 * valid": zod then judges the row. The value is not empty; `out` has room for the field's longest.
 */
export type Field = (
  src: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
) => number

/** A field's answer to what it cannot prove. */
export const unproven = -1

/** Writes four bytes, the most significant first. */
export function putInt32(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 24
  out[at + 1] = value >>> 16
  out[at + 2] = value >>> 8
  out[at + 3] = value
  return at + 4
}

const twoTo32 = 4_294_967_296

/** Four bytes as a whole number, the most significant first. */
export function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

/** Writes a null field. */
export function putNull(out: Uint8Array, at: number): number {
  return putInt32(out, at, -1)
}

/** Writes eight bytes of a safe integer, the most significant first. */
export function putInt64(out: Uint8Array, at: number, value: number): number {
  const high = Math.floor(value / twoTo32)
  putInt32(out, at, high)
  return putInt32(out, at + 4, value - high * twoTo32)
}

export const digit0 = 0x30
export const minus = 0x2d
export const point = 0x2e
export const colon = 0x3a

/** The number that two digits make, or NaN. */
export function twoDigits(src: Uint8Array, at: number): number {
  const tens = src[at]! - digit0
  const ones = src[at + 1]! - digit0
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}
