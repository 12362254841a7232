import { type Field, putInt32, unproven } from './field.ts'

const nothing: Uint8Array = new Uint8Array()

/** One of a closed list. Each code has a slot of its own by its hash, so one comparison decides. */
export function codeField(values: readonly string[]): Field {
  const slots = slotsFor(values.map((value) => Buffer.from(value)))
  const mask = slots.length - 1
  return (src, start, end, out, at) => {
    const code = slots[slotOf(src, start, end) & mask]!
    const length = end - start
    if (code.length !== length) return unproven
    let to = putInt32(out, at, length)
    for (let i = 0; i < length; i++) {
      const byte = src[start + i]!
      if (byte !== code[i]) return unproven
      out[to++] = byte
    }
    return to
  }
}

/** The smallest table in which no two codes share a slot. */
function slotsFor(codes: readonly Uint8Array[]): Uint8Array[] {
  for (let size = 2; ; size *= 2) {
    const slots = Array.from({ length: size }, () => nothing)
    const taken = new Set(codes.map((code) => slotOf(code, 0, code.length) & (size - 1)))
    if (taken.size < codes.length) continue
    for (const code of codes) slots[slotOf(code, 0, code.length) & (size - 1)] = code
    return slots
  }
}

/** Enough of a hash to tell the codes of one list apart; longer cells are no codes. */
function slotOf(src: Uint8Array, start: number, end: number): number {
  const stop = end - start > 64 ? start + 64 : end
  let hash = 0
  for (let at = start; at < stop; at++) hash = Math.imul(hash ^ src[at]!, 0x01000193)
  return hash ^ (hash >>> 15)
}
