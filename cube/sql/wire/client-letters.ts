import type { Refusal } from '../refusal.ts'
import type { Limits } from './limits.ts'
import { letter } from './messages.ts'
import { violation } from './start-up.ts'

/** The messages that a client may send in a session. */
export const letters = {
  query: letter('Q'),
  parse: letter('P'),
  bind: letter('B'),
  describe: letter('D'),
  execute: letter('E'),
  close: letter('C'),
  sync: letter('S'),
  flush: letter('H'),
  terminate: letter('X'),
}

const taken = new Set(Object.values(letters))

const isTaken = (type: number) => taken.has(type)

/** The longest message of each kind, its length included; 0 for those that are not taken. */
export function mostBytes({ bindBytes }: Pick<Limits, 'bindBytes'>): Int32Array {
  const most = new Int32Array(256)
  // A text that is too long is refused when it has come; the session goes on.
  for (const type of [letters.query, letters.parse, letters.bind]) most[type] = bindBytes
  for (const type of [letters.describe, letters.execute, letters.close]) most[type] = 64 * 1024
  for (const type of [letters.sync, letters.flush, letters.terminate]) most[type] = 4
  return most
}

/** Why a message ends the session. */
export function misfit(type: number, length: number): Refusal {
  const name = type > 32 && type < 127 ? `"${String.fromCharCode(type)}"` : `number ${type}`
  return isTaken(type)
    ? violation(`A message ${name} that says it has ${length} bytes cannot be read`)
    : violation(`A message ${name} is not taken here`)
}
