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

/** One batch as a whole Arrow IPC stream. */
export function ipcOf(schema: Schema, batch: RecordBatch | null): Buffer {
  const writer = new StreamWriter(optionsFor('none'))
  writer.begin(schema)
  if (batch) writer.write(batch)
  writer.finish()
  return writer.taken()
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

/** What was written since it was last taken, as a copy: the batch's own bytes may change. */
class Output {
  #parts: Uint8Array[] = []
  #length = 0
  add(part: Uint8Array) {
    this.#parts.push(part)
    this.#length += part.byteLength
  }
  take(): Buffer {
    const bytes = Buffer.concat(this.#parts, this.#length)
    this.#parts = []
    this.#length = 0
    return bytes
  }
}

class StreamWriter extends RecordBatchStreamWriter {
  readonly #output = new Output()
  /** Writes the schema, so that a table without rows still says its columns. */
  begin(schema: Schema) {
    this.reset(this._sink, schema)
  }
  taken() {
    return this.#output.take()
  }
  override _write(chunk: ArrayBufferView) {
    if (this._started) this._position += addTo(this.#output, chunk)
    return this
  }
}

class FileWriter extends RecordBatchFileWriter {
  readonly #output = new Output()
  begin(schema: Schema) {
    this.reset(this._sink, schema)
  }
  taken() {
    return this.#output.take()
  }
  /** The format asks for the schema here as well as in the footer; the library leaves it out. */
  override _writeSchema(schema: Schema) {
    return this._writeMagic()._writePadding(2)._writeMessage(Message.from(schema))
  }
  override _write(chunk: ArrayBufferView) {
    if (this._started) this._position += addTo(this.#output, chunk)
    return this
  }
}

function addTo(output: Output, { buffer, byteOffset, byteLength }: ArrayBufferView): number {
  output.add(new Uint8Array(buffer, byteOffset, byteLength))
  return byteLength
}
