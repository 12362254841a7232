/**
 * The LZ4 frame format, in which Feather files are packed unless told otherwise. Checksums are not
 * compared: what a broken batch says is judged like anything else.
 */
const magic = 0x184d2204

/** The unpacked bytes of one LZ4 frame. */
export function unlz4(packed: Uint8Array): Uint8Array {
  const src = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  if (src.readUInt32LE(0) !== magic) throw broken()
  const flags = src[4]!
  const [hasBlockSums, hasSize, hasDictionary] = [flags & 16, flags & 8, flags & 1]
  if (hasDictionary) throw broken()
  let at = 4 + 2 + (hasSize ? 8 : 0) + 1
  const out = new Output(hasSize ? Number(src.readBigUInt64LE(6)) : 4 * src.length)
  for (let size = src.readUInt32LE(at); size !== 0; size = src.readUInt32LE(at)) {
    const isPlain = size >>> 31 === 1
    const end = at + 4 + (size & 0x7fff_ffff)
    if (end > src.length) throw broken()
    if (isPlain) out.copy(src, at + 4, end)
    else unpackBlock(src, at + 4, end, out)
    at = end + (hasBlockSums ? 4 : 0)
  }
  return out.taken()
}

/** Literals and matches, by turns; the last literals have no match behind them. */
function unpackBlock(src: Buffer, start: number, end: number, out: Output) {
  let at = start
  const more = (length: number) => {
    let total = length
    if (length === 15)
      for (let byte = 255; byte === 255; total += byte) {
        if (at >= end) throw broken()
        byte = src[at++]!
      }
    return total
  }
  while (at < end) {
    const token = src[at++]!
    const literals = more(token >> 4)
    if (at + literals > end) throw broken()
    out.copy(src, at, at + literals)
    at += literals
    if (at === end) return
    if (at + 2 > end) throw broken()
    const distance = src.readUInt16LE(at)
    at += 2
    out.repeat(distance, more(token & 15) + 4)
  }
}

/** Bytes that are written one after the other and read again a little behind; aligned for any Arrow column. */
class Output {
  #bytes: Buffer
  #length = 0

  constructor(expected: number) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(expected, 1 << 28))
  }

  copy(src: Buffer, start: number, end: number) {
    this.#need(end - start)
    this.#length += src.copy(this.#bytes, this.#length, start, end)
  }

  repeat(distance: number, length: number) {
    if (distance === 0 || distance > this.#length) throw broken()
    this.#need(length)
    const bytes = this.#bytes
    let to = this.#length
    for (const stop = to + length; to < stop; to++) bytes[to] = bytes[to - distance]!
    this.#length = to
  }

  taken(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #need(more: number) {
    if (this.#length + more <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(2 * (this.#length + more))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

function broken(): Error {
  return new Error('its LZ4 is damaged')
}
