import { zstdDecompressSync } from 'node:zlib'
import { unlz4 } from './lz4.ts'

let isRegistered = false

/** Teaches the Arrow library to unpack what is packed inside a batch. */
export async function registerCodecs() {
  if (isRegistered) return
  const { compressionRegistry, CompressionType } = await import('apache-arrow')
  compressionRegistry.set(CompressionType.ZSTD, { decode: (packed) => zstdDecompressSync(packed) })
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: unlz4 })
  isRegistered = true
}
