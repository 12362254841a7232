import { type Field, putInt32, unproven } from './field.ts'

const words = [Buffer.from('false'), Buffer.from('true')]

/** The word true or the word false. */
export const flagField: Field = (src, start, end, out, at) => {
  const value = end - start === 4 ? 1 : 0
  const word = words[value]!
  if (end - start !== word.length) return unproven
  for (let i = 0; i < word.length; i++) if (src[start + i] !== word[i]) return unproven
  return writeBool(out, at, value)
}

/** Writes a bool field: 1 or 0. */
export function writeBool(out: Uint8Array, at: number, value: number): number {
  out[putInt32(out, at, 1)] = value
  return at + 5
}
