import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { damaged } from './damaged.ts'
import { diskBytes, type DiskOptions, pieceSize } from './disk.ts'
import type { FeedFile } from './feed-file.ts'
import { unzstd } from './zstd.ts'

/** What a file is packed with, known by its first bytes. */
export type Packing = 'gzip' | 'zstd' | null

/** The first bytes of a file, as they lie on disk. */
async function firstBytes(path: string, count: number): Promise<Buffer> {
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Finds out what a file is packed with. */
export async function packingOf({ path }: FeedFile): Promise<Packing> {
  const head = await firstBytes(path, 4)
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  if (head.length < 4) return null
  const magic = head.readUInt32LE(0)
  // A file that several packers wrote at once may begin with a frame to be skipped.
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5 ? 'zstd' : null
}

/**
 * The unpacked bytes of a file, piece by piece, from an offset into them. A piece is valid until the
 * next is asked for.
 */
export async function* unpacked(
  file: FeedFile,
  packing: Packing,
  { from = 0, onRead, signal }: DiskOptions = {},
): AsyncGenerator<Buffer> {
  if (!packing) {
    yield* diskBytes(file.path, { from, onRead, signal })
    return
  }
  let position = 0
  const packed = packedBytes(file.path, onRead)
  try {
    for await (const piece of packing === 'gzip' ? gunzipped(packed) : unzstd(packed)) {
      signal?.throwIfAborted()
      const skipped = Math.min(piece.length, Math.max(0, from - position))
      position += piece.length
      if (skipped < piece.length) yield piece.subarray(skipped)
    }
  } catch (cause) {
    if (!isDamage(cause)) throw cause
    const read = `${position.toLocaleString('en')} unpacked bytes`
    throw damaged(file, `${packing} file`, read, cause)
  }
}

/** Unpackers keep a piece while the next is read, so each piece has its own buffer. */
async function* packedBytes(path: string, onRead: DiskOptions['onRead']): AsyncGenerator<Buffer> {
  for await (const piece of createReadStream(path, { highWaterMark: pieceSize })) {
    onRead?.((piece as Buffer).length)
    yield piece as Buffer
  }
}

async function* gunzipped(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: pieceSize })
  // A failure also ends the loop below, which is where it is told.
  pipeline(packed, gunzip).catch(() => {})
  for await (const piece of gunzip) yield piece as Buffer
}

/** Whether the packed bytes are at fault, and not the disk or whoever stopped the reading. */
function isDamage(cause: unknown): boolean {
  return /^(Z_|ZSTD_)/.test((cause as NodeJS.ErrnoException).code ?? '')
}
