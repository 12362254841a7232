import { type Field, putInt32, unproven } from './field.ts'

/** Free text of 1 to `max` code points, as zod counts: valid UTF-8 without NUL and without U+FFFD. */
export function textField(max: number): Field {
  return (src, start, end, out, at) => {
    if (end - start > 4 * max) return unproven
    let to = at + 4
    for (let from = start; from < end; from++) {
      const byte = src[from]!
      if (byte >= 0x80 || byte === 0) {
        return isText(src, start, end, max) ? writeBytes(out, at, src, start, end) : unproven
      }
      out[to++] = byte
    }
    const length = end - start
    if (length > max) return unproven
    putInt32(out, at, length)
    return to
  }
}

/** Writes src[start, end) as a field. */
export function writeBytes(
  out: Uint8Array,
  at: number,
  src: Uint8Array,
  start: number,
  end: number,
): number {
  let to = putInt32(out, at, end - start)
  for (let from = start; from < end; from++) out[to++] = src[from]!
  return to
}

const replacement = 0xfffd

/** The slower look at a text that is not all ASCII. Refuses what RFC 3629 refuses. */
function isText(src: Uint8Array, start: number, end: number, max: number): boolean {
  let points = 0
  for (let from = start; from < end; points++) {
    const lead = src[from++]!
    if (lead < 0x80) {
      if (lead === 0) return false
      continue
    }
    const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1
    if (lead < 0xc2 || lead > 0xf4 || from + more > end) return false
    let point = lead & (0x3f >> more)
    for (let left = more; left > 0; left--) {
      const byte = src[from++]!
      if ((byte & 0xc0) !== 0x80) return false
      point = (point << 6) | (byte & 0x3f)
    }
    const isTooLong = point < (more === 3 ? 0x10000 : more === 2 ? 0x800 : 0x80)
    const isSurrogate = point >= 0xd800 && point <= 0xdfff
    if (isTooLong || isSurrogate || point > 0x10ffff || point === replacement) return false
  }
  return points <= max
}
