/**
 * NDJSON in bytes: one object a line, its keys in the order of the first object. Of a line, the
 * scanner notes where its values lie; no text is made. What is not plain goes the slow way.
 */
import type { Cells } from './rows.ts'

/** What a key of the file may have as its value without quotes; of one that is not read, anything. */
export type Bare = 'number' | 'boolean' | 'any' | null

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a
const comma = 0x2c
const open = 0x7b
const close = 0x7d
const minus = 0x2d
const point = 0x2e
const digit0 = 0x30

const words = {
  null: Buffer.from('null'),
  true: Buffer.from('true'),
  false: Buffer.from('false'),
}

/** Escapes of one letter, by that letter: 0 is none. */
const escapes = new Uint8Array(256)
for (const [letter, char] of Object.entries({ n: 10, t: 9, r: 13, b: 8, f: 12 }))
  escapes[letter.charCodeAt(0)] = char
for (const char of [quote, backslash, 0x2f]) escapes[char] = char

/** Looks at one line at a time; what it found stands in `cells` until it looks at the next. */
export class NdjsonScanner {
  /** The values in the order of the keys, a missing one being null; and one more that is always null. */
  readonly cells: Cells
  readonly #keys: readonly Uint8Array[]
  /** Each key with what stands before and behind it where nobody wrote blanks: ,"key": */
  readonly #tight: readonly Uint8Array[]
  readonly #bare: readonly Bare[]
  #bytes: Buffer = Buffer.alloc(0)
  #scratch: Buffer = Buffer.alloc(0)
  #end = 0

  constructor(names: readonly string[], bare: readonly Bare[]) {
    this.#keys = names.map((name) => Buffer.from(JSON.stringify(name)))
    this.#tight = names.map((name, slot) =>
      Buffer.from(`${slot === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    )
    this.#bare = bare
    const starts = new Int32Array(names.length + 1)
    const ends = new Int32Array(names.length + 1)
    this.cells = { bytes: this.#bytes, starts, ends }
  }

  /**
   * Whether the line at bytes[start, end) is an object that is certainly read right: keys of the
   * file in their order, some perhaps missing, and a value of the right JSON type for each.
   */
  scan(bytes: Buffer, start: number, end: number): boolean {
    this.#bytes = bytes
    this.#end = end
    const slots = this.#keys.length
    let at = start
    let slot = 0
    for (; slot < slots; slot++) {
      const value = this.#tightly(at, slot)
      if (value < 0) break
      at = this.#value(value, slot)
      if (at < 0) return false
    }
    if (slot < slots) at = this.#loosely(at, slot)
    if (at < 0) return false
    this.cells.bytes = this.#bytes
    at = this.#blanks(at)
    return this.#bytes[at] === close && this.#blanks(at + 1) === this.#end
  }

  /** Where the value of a key begins that stands at `at` without blanks, or -1. */
  #tightly(at: number, slot: number): number {
    const bytes = this.#bytes
    const tight = this.#tight[slot]!
    for (let i = 0; i < tight.length; i++) if (bytes[at + i] !== tight[i]) return -1
    const value = at + tight.length
    return bytes[value] === 0x20 ? -1 : value
  }

  /** Reads the keys from `slot` on, with blanks between them or some of them missing; returns where they end, or -1. */
  #loosely(from: number, first: number): number {
    this.cells.starts.fill(0, first)
    this.cells.ends.fill(0, first)
    let at = this.#blanks(from)
    if (first > 0 && this.#bytes[at] === close) return at
    if (this.#bytes[at] !== (first === 0 ? open : comma)) return -1
    for (let slot = first; ; slot++) {
      at = this.#blanks(at + 1)
      slot = this.#slotOf(at, slot)
      if (slot < 0) return -1
      at = this.#blanks(at + this.#keys[slot]!.length)
      if (this.#bytes[at] !== colon) return -1
      at = this.#value(this.#blanks(at + 1), slot)
      if (at < 0) return -1
      at = this.#blanks(at)
      if (this.#bytes[at] !== comma) return at
    }
  }

  /** Space, tab and carriage return are passed. */
  #blanks(from: number): number {
    const bytes = this.#bytes
    let at = from
    while (at < this.#end && (bytes[at] === 0x20 || bytes[at] === 9 || bytes[at] === 13)) at++
    return at
  }

  /** The first slot from `slot` on whose key stands at `at`, or -1. */
  #slotOf(at: number, slot: number): number {
    const bytes = this.#bytes
    const keys = this.#keys
    for (let candidate = slot; candidate < keys.length; candidate++) {
      const key = keys[candidate]!
      let i = 0
      while (i < key.length && bytes[at + i] === key[i]) i++
      if (i === key.length) return candidate
    }
    return -1
  }

  /** Notes the value at `at`; returns where it ends, or -1. */
  #value(at: number, slot: number): number {
    const { starts, ends } = this.cells
    const first = this.#bytes[at]!
    if (first === quote) return this.#string(at + 1, slot)
    if (first === 0x6e) {
      starts[slot] = 0
      ends[slot] = 0
      return this.#word(words.null, at)
    }
    const bare = this.#bare[slot]
    const isFlag = first === 0x74 || first === 0x66
    if (bare !== 'any' && bare !== (isFlag ? 'boolean' : 'number')) return -1
    const end = isFlag
      ? this.#word(first === 0x74 ? words.true : words.false, at)
      : this.#number(at)
    starts[slot] = at
    ends[slot] = end
    return end
  }

  #string(from: number, slot: number): number {
    const bytes = this.#bytes
    const end = this.#end
    for (let at = from; at < end; at++) {
      const byte = bytes[at]!
      if (byte === quote) {
        this.cells.starts[slot] = from
        this.cells.ends[slot] = at
        return at + 1
      }
      if (byte === backslash) return this.#escaped(from, at, slot)
      if (byte < 0x20) return -1
    }
    return -1
  }

  /** A string with escapes: from here on the line is read from a copy in which they are undone. */
  #escaped(from: number, escape: number, slot: number): number {
    const shift = this.#toScratch(from, slot)
    const bytes = this.#bytes
    let to = escape - shift
    for (let at = to; at < this.#end; at++) {
      let byte = bytes[at]!
      if (byte === quote) {
        this.cells.starts[slot] = from - shift
        this.cells.ends[slot] = to
        return at + 1
      }
      if (byte < 0x20) return -1
      if (byte === backslash) {
        byte = escapes[bytes[++at]!]!
        // A code point in hexadecimal goes the slow way.
        if (byte === 0) return -1
      }
      bytes[to++] = byte
    }
    return -1
  }

  /** Copies the line, unless it was; returns by how much what lay in it is now nearer to the start. */
  #toScratch(from: number, slot: number): number {
    if (this.#bytes === this.#scratch) return 0
    const { starts, ends } = this.cells
    const shift = starts.reduce(
      (least, start) => (start > 0 ? Math.min(least, start) : least),
      from,
    )
    const length = this.#end - shift
    if (this.#scratch.length < length) this.#scratch = Buffer.alloc(2 * length)
    this.#bytes.copy(this.#scratch, 0, shift, this.#end)
    for (let at = 0; at < slot; at++) {
      if (ends[at] === 0) continue
      starts[at]! -= shift
      ends[at]! -= shift
    }
    this.#bytes = this.#scratch
    this.#end = length
    return shift
  }

  #word(word: Uint8Array, at: number): number {
    for (let i = 0; i < word.length; i++) if (this.#bytes[at + i] !== word[i]) return -1
    return at + word.length
  }

  /** A number without an exponent, written as JSON has it: no zero before another digit. */
  #number(from: number): number {
    const bytes = this.#bytes
    const first = bytes[from] === minus ? from + 1 : from
    const stop = this.#digits(first)
    if (stop === first || (bytes[first] === digit0 && stop > first + 1)) return -1
    if (bytes[stop] !== point) return this.#isEnd(stop) ? stop : -1
    const last = this.#digits(stop + 1)
    return last > stop + 1 && this.#isEnd(last) ? last : -1
  }

  #digits(from: number): number {
    const bytes = this.#bytes
    let at = from
    while (at < this.#end && bytes[at]! >= digit0 && bytes[at]! <= digit0 + 9) at++
    return at
  }

  #isEnd(at: number): boolean {
    const byte = this.#bytes[at]
    return byte === comma || byte === close || byte === 0x20 || byte === 9
  }
}
