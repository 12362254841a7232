/** A line too long to be a record: it is read past without being kept. */
import type { Reason } from './reasons.ts'

/** Bytes of the longest line that is read. */
export const longestLine = 1024 * 1024

const mostOfALine = 'a line of at most 1 MB; is a quote or a newline missing?'
const keptCharacters = 1000
const newline = 0x0a
const carriageReturn = 0x0d

/** Why a long line is set aside. */
export function tooLong(bytes: number): Reason[] {
  const found = `a line of ${bytes.toLocaleString('en-US')} bytes`
  return [{ column: null, found, expected: mostOfALine }]
}

/** Whether a line was set aside for its length: then what the quarantine has is not all of it. */
export function wasTooLong([first]: readonly Reason[]): boolean {
  return first?.column === null && first.expected === mostOfALine
}

/** What the quarantine keeps of a long line. */
export function headOf(line: Buffer): string {
  return line
    .subarray(0, 4 * keptCharacters)
    .toString()
    .slice(0, keptCharacters)
}

/** A long line that has begun and not ended. */
export class LongLine {
  /** Its first characters. */
  readonly head: string
  /** Bytes read of it, and of its end. */
  read = 0
  /** Bytes read of it alone. */
  length = 0
  /** Lines so far: a quoted cell may hold some. */
  lines = 1
  #endsInReturn = false

  constructor(begun: Buffer) {
    this.head = headOf(begun)
    for (const byte of begun) if (byte === newline) this.lines++
    this.#add(begun)
  }

  /** Reads on; returns where the next line begins, or -1 when this one has not ended. */
  pass(piece: Buffer): number {
    const end = piece.indexOf(newline)
    this.#add(end < 0 ? piece : piece.subarray(0, end))
    this.length = this.#endsInReturn ? this.read - 1 : this.read
    if (end >= 0) this.read++
    return end < 0 ? -1 : end + 1
  }

  #add(bytes: Buffer) {
    this.read += bytes.length
    if (bytes.length > 0) this.#endsInReturn = bytes.at(-1) === carriageReturn
  }
}
