import { open } from 'node:fs/promises'

/** Bytes read at once. */
export const pieceSize = 256 * 1024

/** How bytes are read from disk. */
export interface DiskOptions {
  /** Where to begin. */
  from?: number
  /** Told of each piece as it lies on disk, with how many bytes it has. */
  onRead?: ((bytes: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * The bytes of a file, piece by piece; the next is read while one is worked on. A piece is valid
 * until the next is asked for: two buffers serve the whole file, which costs half of what a new one
 * for each piece does, and less than half the memory.
 */
export async function* diskBytes(
  path: string,
  { from = 0, onRead, signal }: DiskOptions = {},
): AsyncGenerator<Buffer> {
  const handle = await open(path)
  let position = from
  let [buffer, other] = [Buffer.allocUnsafe(pieceSize), Buffer.allocUnsafe(pieceSize)]
  let reading = handle.read(buffer, 0, pieceSize, position)
  try {
    for (;;) {
      signal?.throwIfAborted()
      const { bytesRead } = await reading
      if (bytesRead === 0) return
      const piece = buffer.subarray(0, bytesRead)
      position += bytesRead
      ;[buffer, other] = [other, buffer]
      reading = handle.read(buffer, 0, pieceSize, position)
      onRead?.(bytesRead)
      yield piece
    }
  } finally {
    // Who stops early leaves a read behind that still writes into its buffer.
    await reading.catch(() => {})
    await handle.close()
  }
}
