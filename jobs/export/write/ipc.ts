import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

import {
  CompressionType,
  compressionRegistry,
  Message,
  type RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  type Schema,
} from 'apache-arrow'

import type { Compression } from '../formats.ts'
import type { Batches } from '../read/batches.ts'

// The library brings no packer; there is one registry for all who read and write in this process.
compressionRegistry.set(CompressionType.ZSTD, {
  encode: (bytes) => zstdCompressSync(bytes),
  decode: (bytes) => zstdDecompressSync(bytes),
})

/** Rows as an Arrow IPC file, which `polars.read_ipc` and `pandas.read_feather` open. */
export async function* arrowFile(batches: Batches, compression: Compression) {
  yield* written(new FileWriter(optionsFor(compression)), batches)
}

/** Rows as an Arrow IPC stream: what has arrived can be read before the rest comes. */
export async function* arrowStream(batches: Batches, compression: Compression) {
  yield* written(new StreamWriter(optionsFor(compression)), batches)
}

/** Writes each batch as a whole Arrow IPC stream, one after the other into the same memory. */
export function batchWriter(schema: Schema): (batch: RecordBatch) => Uint8Array {
  let room = Buffer.allocUnsafeSlow(2 ** 20)
  return (batch) => {
    const writer = new StreamWriter(optionsFor('none'))
    writer.begin(schema)
    writer.write(batch)
    writer.finish()
    if (writer.length > room.length) room = Buffer.allocUnsafeSlow(2 * writer.length)
    return writer.taken(room)
  }
}

async function* written(writer: FileWriter | StreamWriter, batches: Batches) {
  writer.begin(batches.schema)
  for await (const batch of batches) {
    writer.write(batch)
    yield writer.taken()
  }
  writer.finish()
  yield writer.taken()
}

function optionsFor(compression: Compression) {
  return {
    autoDestroy: true,
    compressionType: compression === 'zstd' ? CompressionType.ZSTD : null,
  }
}

/** What was written since it was last taken. */
class Output {
  #parts: Uint8Array[] = []
  length = 0
  add({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
    this.#parts.push(new Uint8Array(buffer, byteOffset, byteLength))
    this.length += byteLength
    return byteLength
  }
  /** A copy, because the batch's own bytes may change. */
  take(room: Buffer): Uint8Array {
    let end = 0
    for (const part of this.#parts) {
      room.set(part, end)
      end += part.length
    }
    this.#parts = []
    this.length = 0
    return room.subarray(0, end)
  }
}

class StreamWriter extends RecordBatchStreamWriter {
  readonly #output = new Output()
  /** Writes the schema, so that a table without rows still says its columns. */
  begin(schema: Schema) {
    this.reset(this._sink, schema)
  }
  get length() {
    return this.#output.length
  }
  taken(room = Buffer.allocUnsafeSlow(this.length)) {
    return this.#output.take(room)
  }
  override _compressBodyBuffers(buffers: ArrayBufferView[]) {
    return withLengths(buffers, super._compressBodyBuffers(buffers))
  }
  override _write(chunk: ArrayBufferView) {
    if (this._started) this._position += this.#output.add(chunk)
    return this
  }
}

class FileWriter extends RecordBatchFileWriter {
  readonly #output = new Output()
  begin(schema: Schema) {
    this.reset(this._sink, schema)
  }
  taken() {
    return this.#output.take(Buffer.allocUnsafeSlow(this.#output.length))
  }
  /** The format asks for the schema here as well as in the footer; the library leaves it out. */
  override _writeSchema(schema: Schema) {
    return this._writeMagic()._writePadding(2)._writeMessage(Message.from(schema))
  }
  override _compressBodyBuffers(buffers: ArrayBufferView[]) {
    return withLengths(buffers, super._compressBodyBuffers(buffers))
  }
  override _write(chunk: ArrayBufferView) {
    if (this._started) this._position += this.#output.add(chunk)
    return this
  }
}

/**
 * Before each packed buffer stands how long it is unpacked. The library writes how long it is
 * packed, which its own reader does not mind and every other refuses.
 */
function withLengths<Packed extends { buffers: ArrayBufferView[] }>(
  unpacked: readonly ArrayBufferView[],
  packed: Packed,
): Packed {
  for (const [place, { byteLength }] of unpacked.entries()) {
    const length = packed.buffers[2 * place]
    if (!length?.byteLength) continue
    const view = new DataView(length.buffer, length.byteOffset, length.byteLength)
    const isPacked = view.getBigInt64(0, true) !== -1n
    if (isPacked) view.setBigInt64(0, BigInt(byteLength), true)
  }
  return packed
}
