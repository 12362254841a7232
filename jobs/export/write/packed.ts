import { Readable } from 'node:stream'
import { createGzip, createZstdCompress } from 'node:zlib'

import type { Compression } from '../formats.ts'

/** Bytes packed as a whole, as `gzip` and `zstd` unpack them. */
export function packed(
  bytes: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncIterable<Uint8Array> {
  if (compression === 'none') return bytes
  const packer = compression === 'gzip' ? createGzip() : createZstdCompress()
  return Readable.from(bytes).compose(packer) as AsyncIterable<Uint8Array>
}
