import { DataType, type Schema } from 'apache-arrow'
import {
  Compression as Codec,
  EnabledStatistics,
  type RecordBatch,
  Table,
  transformParquetStream,
  type WriterProperties,
  WriterPropertiesBuilder,
} from 'parquet-wasm'

import type { Compression } from '../formats.ts'
import type { Batches } from '../read/batches.ts'
import { batchWriter } from './ipc.ts'
import { rowsInFooter } from './parquet-footer.ts'

/** Rows of a row group, which is held in memory until it is whole. */
const groupRows = 131_072

const codecs: Record<Compression, Codec> = {
  none: Codec.UNCOMPRESSED,
  zstd: Codec.ZSTD,
  gzip: Codec.GZIP,
  snappy: Codec.SNAPPY,
}

/** Rows as a Parquet file. */
export async function* parquet(
  batches: Batches,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  const input = inputOf(batches)
  let last: Uint8Array | null = null
  try {
    const output = await transformParquetStream(
      input.stream,
      propertiesFor(batches.schema, compression),
    )
    for await (const chunk of output as ReadableStream<Uint8Array>) {
      if (last) yield last
      last = chunk
    }
  } catch (error) {
    throw input.error() ?? error
  } finally {
    await input.stop()
  }
  // The writer says nothing when its input fails, and ends the file as if it were whole.
  const error = input.error()
  if (error) throw error
  const rows = last ? rowsInFooter(last) : 0
  if (rows !== input.rows())
    throw new Error(
      `Of ${input.rows()} rows ${rows} were written to the Parquet file, so it is not whole.`,
    )
  if (last) yield last
}

/** The batches in the memory of the writer, as it takes them. */
function inputOf(batches: Batches) {
  const write = batchWriter(batches.schema)
  const iterator = batches[Symbol.asyncIterator]()
  let rows = 0
  let failure: Error | null = null
  let isStopped = false
  const stream = new ReadableStream<RecordBatch>(
    {
      async pull(controller) {
        try {
          const next = isStopped ? { done: true as const, value: undefined } : await iterator.next()
          if (next.done) return controller.close()
          rows += next.value.numRows
          controller.enqueue(moved(write(next.value)))
        } catch (error) {
          failure = error as Error
          controller.close()
        }
      },
    },
    { highWaterMark: 0 },
  )
  return {
    stream,
    rows: () => rows,
    error: () => failure,
    async stop() {
      isStopped = true
      await iterator.return?.()
    },
  }
}

function moved(ipc: Uint8Array): RecordBatch {
  using table = Table.fromIPCStream(ipc)
  const [batch] = table.recordBatches()
  if (batch) return batch
  throw new Error('A batch did not reach the Parquet writer.')
}

function propertiesFor(schema: Schema, compression: Compression): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCompression(codecs[compression])
    .setCreatedBy('Recoup')
    .setMaxRowGroupSize(groupRows)
  // The writer keeps the pages that the least and the largest decimal were found in until the file
  // is whole: with statistics of decimals its memory grows with the file.
  for (const { name, type } of schema.fields)
    if (DataType.isDecimal(type))
      builder = builder.setColumnStatisticsEnabled(name, EnabledStatistics.None)
  return builder.build()
}
