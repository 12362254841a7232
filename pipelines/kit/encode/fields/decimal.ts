import { digit0, type Field, minus, point, putInt32, unproven } from './field.ts'

/**
 * An exact decimal of 1 to `whole` digits and, after a point, 1 to `fraction` more. It becomes a
 * numeric digit by digit; no float touches it. Postgres counts to the base 10,000: 12345.6 is the groups 1, 2345, 6000 with weight 1.
 */
export function decimalField(whole: number, fraction: number): Field {
  // Reused from value to value.
  const groups = new Uint16Array(Math.ceil(whole / 4) + Math.ceil(fraction / 4))
  return (src, start, end, out, at) => {
    const isNegative = src[start] === minus
    const first = isNegative ? start + 1 : start
    let stop = first
    while (stop < end && src[stop]! >= digit0 && src[stop]! <= digit0 + 9) stop++
    const wholeDigits = stop - first
    const fractionDigits = stop < end ? end - stop - 1 : 0
    if (wholeDigits === 0 || wholeDigits > whole || fractionDigits > fraction) return unproven
    if (stop < end && (src[stop] !== point || fractionDigits === 0)) return unproven

    // Groups are counted from the point, both ways: the first may have fewer than four digits.
    let used = 0
    let weight = Math.ceil(wholeDigits / 4) - 1
    const add = (group: number) => {
      if (group === 0 && used === 0) weight--
      else groups[used++] = group
    }
    let group = 0
    for (let from = first; from < stop; from++) {
      group = group * 10 + src[from]! - digit0
      if ((stop - from) % 4 !== 1) continue
      add(group)
      group = 0
    }
    const padded = stop + 1 + Math.ceil(fractionDigits / 4) * 4
    for (let from = stop + 1; from < padded; from++) {
      const digit = from < end ? src[from]! - digit0 : 0
      if (digit < 0 || digit > 9) return unproven
      group = group * 10 + digit
      if ((padded - from) % 4 !== 1) continue
      add(group)
      group = 0
    }
    while (used > 0 && groups[used - 1] === 0) used--
    return writeNumeric(out, at, groups, used, weight, isNegative, fractionDigits)
  }
}

/** A numeric field: how many groups, the weight of the first, sign, digits shown after the point. */
function writeNumeric(
  out: Uint8Array,
  at: number,
  groups: Uint16Array,
  used: number,
  weight: number,
  isNegative: boolean,
  shown: number,
): number {
  const isZero = used === 0
  let to = putInt32(out, at, 8 + 2 * used)
  to = putInt32(out, to, (used << 16) | (isZero ? 0 : weight & 0xffff))
  to = putInt32(out, to, (isNegative && !isZero ? 0x4000_0000 : 0) | shown)
  for (let i = 0; i < used; i++) {
    out[to++] = groups[i]! >>> 8
    out[to++] = groups[i]!
  }
  return to
}
