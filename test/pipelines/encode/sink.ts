import type { Encoder, Sink } from '#kit/encode/encoder.ts'
import type { Reason } from '#kit/encode/reasons.ts'

/** All that a sink was given. */
export interface Sunk extends Sink {
  /** Tuples as COPY BINARY has them, in hex, in the order they came. */
  tuples: string[]
  keys: string[]
  rejected: { line: number; raw: string; rows: number; reasons: Reason[] }[]
}

/** A sink that keeps what it is given. Its buffers hold `room` bytes; keys in `known` are not new. */
export function sunk({ room = 64 * 1024, known = new Set<string>() } = {}): Sunk {
  const tuples: string[] = []
  const keys: string[] = []
  const rejected: Sunk['rejected'] = []
  const keep = (bytes: Uint8Array) => {
    const all = Buffer.from(bytes)
    for (let at = 0; at < all.length;) {
      const end = endOfTuple(all, at)
      tuples.push(all.toString('hex', at, end))
      at = end
    }
  }
  return {
    tuples,
    keys,
    rejected,
    room: () => Buffer.alloc(room),
    isNew(high, low) {
      const key = `${high}/${low}`
      keys.push(key)
      if (known.has(key)) return false
      known.add(key)
      return true
    },
    direct: keep,
    staged: keep,
    reject: (line, raw, rows, reasons) => rejected.push({ line, raw, rows, reasons }),
  }
}

/** Where the tuple that begins at `start` ends. */
export function endOfTuple(bytes: Buffer, start: number): number {
  let at = start + 2
  for (let left = bytes.readInt16BE(start); left > 0; left--)
    at += 4 + Math.max(0, bytes.readInt32BE(at))
  return at
}

/** Pushes a file's bytes in pieces of this size. */
export function pushed(encoder: Encoder<Buffer>, bytes: Buffer, size = bytes.length) {
  for (let at = 0; at < bytes.length; at += size) {
    // A reader may use its buffers again.
    const piece = Buffer.from(bytes.subarray(at, at + size))
    encoder.push(piece)
    piece.fill(0xff)
  }
  encoder.end()
}
