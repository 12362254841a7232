import type { Sink } from '#kit/encode/encoder.ts'
import { type Reason, sentence } from '#kit/encode/reasons.ts'

import { endOfTuple } from './sink.ts'

/** What an encoder made of a file. */
export interface Collected extends Sink {
  /** The tuples of each line, as hexadecimal; `line` is part of a tuple, so it is left out. */
  tuples: Map<number, string>
  keys: Map<number, string>
  rejected: { line: number; raw: string; reason: string }[]
}

/** A sink that keeps what it is given. Its buffers are small, so that tuples cross from one to the next. */
export function collect(): Collected {
  const tuples = new Map<number, string>()
  const keys = new Map<number, string>()
  const rejected: Collected['rejected'] = []
  let key = ''
  const pending: string[] = []
  const keep = (bytes: Buffer, start: number, end: number, hash: string) => {
    const line = bytes.readInt32BE(end - 4)
    // A wide record is several.
    tuples.set(line, (tuples.get(line) ?? '') + bytes.toString('hex', start, end - 4))
    keys.set(line, hash)
  }
  return {
    tuples,
    keys,
    rejected,
    room: () => Buffer.alloc(2048),
    isNew(high, low) {
      key = `${high}/${low}`
      const isNew = low % 3 !== 0
      if (isNew) pending.push(key)
      return isNew
    },
    direct(bytes, rows) {
      let at = 0
      for (let row = 0; row < rows; row++) {
        const end = endOfTuple(bytes, at)
        keep(bytes, at, end, pending.shift() ?? '')
        at = end
      }
      if (at !== bytes.length) throw new Error('what stands behind the tuples is no tuple')
    },
    staged(tuple, high, low) {
      // One that is too long for a buffer is staged though its key is new.
      if (pending.at(-1) === `${high}/${low}`) pending.pop()
      keep(Buffer.from(tuple), 0, tuple.length, `${high}/${low}`)
    },
    reject(line: number, raw: string, rows: number, reasons: Reason[]) {
      rejected.push({ line, raw, reason: sentence(reasons, []) })
    },
  }
}
