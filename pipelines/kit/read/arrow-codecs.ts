import { zstdDecompressSync } from 'node:zlib'

let isRegistered = false

/** Teaches the Arrow library to unpack what is packed inside a batch. */
export async function registerCodecs() {
  if (isRegistered) return
  const { compressionRegistry, CompressionType } = await import('apache-arrow')
  compressionRegistry.set(CompressionType.ZSTD, { decode: (packed) => zstdDecompressSync(packed) })
  isRegistered = true
}
