/**
 * zstd, frame by frame. A file may hold many frames (parallel packers write one per few megabytes,
 * and frames to be skipped between them), but Node's decompressor stops after the first ones without
 * an error, and takes a file cut after a whole frame's beginning for complete. So the frames are told
 * apart here, and each has a decompressor of its own.
 */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { pieceSize } from './disk.ts'

const frame = 0xfd2fb528
const skippable = 0x184d2a50

/** The unpacked bytes of zstd frames. Fails where they are damaged or cut short. */
export async function* unzstd(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const bytes = new Bytes(packed)
  try {
    for (;;) {
      const magic = await bytes.upTo(4)
      if (magic.length === 0) return
      const kind = magic.length === 4 ? magic.readUInt32LE(0) : 0
      if (kind === frame) yield* unpackedFrame(frameBytes(bytes, magic))
      else if (kind >>> 4 === skippable >>> 4) {
        const length = (await bytes.exactly(4)).readUInt32LE(0)
        for await (const _ of bytes.through(length)) continue
      } else throw broken('what follows a zstd frame is not zstd')
    }
  } finally {
    await bytes.close()
  }
}

async function* unpackedFrame(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpack = createZstdDecompress({ chunkSize: pieceSize })
  // A failure also ends the loop below, which is where it is told.
  pipeline(Readable.from(packed, { highWaterMark: 2 }), unpack).catch(() => {})
  for await (const piece of unpack) yield piece as Buffer
}

/** The bytes of one frame, whose magic number was read: header, blocks, checksum (RFC 8878, 3.1.1). */
async function* frameBytes(bytes: Bytes, magic: Buffer): AsyncGenerator<Buffer> {
  const descriptor = await bytes.exactly(1)
  const flags = descriptor[0] ?? 0
  const isSingleSegment = (flags & 0x20) !== 0
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
  const header = await bytes.exactly((isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes)
  yield Buffer.concat([magic, descriptor, header])
  for (let isLast = false; !isLast;) {
    const block = await bytes.exactly(3)
    const packed = block.readUIntLE(0, 3)
    isLast = (packed & 1) === 1
    const isOneByteRepeated = ((packed >> 1) & 3) === 1
    yield block
    yield* bytes.through(isOneByteRepeated ? 1 : packed >>> 3)
  }
  if (flags & 4) yield await bytes.exactly(4)
}

/** Bytes that arrive in pieces, taken in the lengths one needs. */
class Bytes {
  readonly #pieces: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** So many bytes, or fewer at the end. */
  async upTo(length: number): Promise<Buffer> {
    while (this.#rest.length < length && (await this.#more())) continue
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(taken.length)
    return taken
  }

  async exactly(length: number): Promise<Buffer> {
    const taken = await this.upTo(length)
    if (taken.length < length) throw broken('unexpected end of file')
    return taken
  }

  /** So many bytes as they arrive. */
  async *through(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (this.#rest.length === 0) await this.#more()
      const piece = await this.exactly(Math.min(left, this.#rest.length || 1))
      left -= piece.length
      yield piece
    }
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#pieces.next()
    if (done) return false
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value])
    return true
  }

  async close() {
    await this.#pieces.return?.()
  }
}

function broken(message: string): Error {
  return Object.assign(new Error(message), { code: 'ZSTD_frame' })
}
