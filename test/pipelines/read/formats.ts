/** The same records as a file of every format and packing. */
import { gzipSync, zstdCompressSync } from 'node:zlib'

import {
  CompressionType,
  compressionRegistry,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import {
  Compression,
  Table as WasmTable,
  WriterPropertiesBuilder,
  writeParquet,
} from 'parquet-wasm'

/** A record as text, an empty text being null. */
export type TextRecord = Record<string, string>

export const csvOf = (records: readonly TextRecord[], delimiter = ',', newline = '\n') =>
  Buffer.from(
    [Object.keys(records[0] ?? {}), ...records.map((record) => Object.values(record))]
      .map((cells) => cells.join(delimiter) + newline)
      .join(''),
  )

export const ndjsonOf = (records: readonly object[]) =>
  Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''))

/** A table of text columns, in batches of so many rows. */
export function arrowTable(records: readonly TextRecord[], batchRows = records.length): Table {
  const batches = []
  for (let at = 0; at < records.length; at += batchRows)
    batches.push(...textTable(records.slice(at, at + batchRows)).batches)
  return new Table(batches)
}

function textTable(records: readonly TextRecord[]): Table {
  const names = Object.keys(records[0] ?? {})
  return new Table(
    Object.fromEntries(
      names.map((name) => [
        name,
        vectorFromArray(
          records.map((record) => record[name] || null),
          new Utf8(),
        ),
      ]),
    ),
  )
}

export const arrowStream = (table: Table) => Buffer.from(tableToIPC(table, 'stream'))
export const arrowFile = (table: Table) => Buffer.from(tableToIPC(table, 'file'))

export function parquetOf(table: Table, groupRows = 1_000_000): Buffer {
  const properties = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupSize(groupRows)
    .build()
  return Buffer.from(writeParquet(WasmTable.fromIPCStream(arrowStream(table)), properties))
}

export const gzipped = (bytes: Buffer) => gzipSync(bytes)
export const zstd = (bytes: Buffer) => zstdCompressSync(bytes)

/** As a parallel packer writes it: several members. */
export const gzippedInTwo = (bytes: Buffer) =>
  Buffer.concat([gzipSync(bytes.subarray(0, 100)), gzipSync(bytes.subarray(100))])

/** As a parallel packer writes it: several frames, one of them empty, and frames to be skipped. */
export const zstdInFrames = (bytes: Buffer) => {
  const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4])
  const frames = [
    bytes.subarray(0, 7),
    Buffer.alloc(0),
    bytes.subarray(7, 5000),
    bytes.subarray(5000),
  ]
  return Buffer.concat(frames.flatMap((frame) => [skipped, zstdCompressSync(frame)]))
}

/** An Arrow stream whose columns are packed, each by itself. To be called before anything is read. */
export function packedArrowStream(table: Table, type: CompressionType): Buffer {
  const decode = () => new Uint8Array()
  compressionRegistry.set(CompressionType.ZSTD, { encode: zstdCompressSync, decode })
  compressionRegistry.set(CompressionType.LZ4_FRAME, { encode: plainLz4, decode })
  return Buffer.from(tableToIPC(table, 'stream', type))
}

/** An LZ4 frame of blocks that are not packed. */
function plainLz4(bytes: Uint8Array): Uint8Array {
  const blocks: Buffer[] = [Buffer.from('04224d18604082', 'hex')]
  for (let at = 0; at < bytes.length; at += 65_536) {
    const block = bytes.subarray(at, at + 65_536)
    const size = Buffer.alloc(4)
    size.writeUInt32LE((block.length | 0x8000_0000) >>> 0)
    blocks.push(size, Buffer.from(block))
  }
  return Buffer.concat([...blocks, Buffer.alloc(4)])
}
