/**
 * Decodes a Parquet file in a thread of its own. The library is WebAssembly, and on a damaged page it
 * ends not with an error that can be caught but with the thread it runs in; memory it once took it
 * keeps. Both end with this thread, which also is another core.
 */
import { openAsBlob } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { ParquetFile, type RecordBatch } from 'parquet-wasm'

/** What the thread is asked for. */
export interface ParquetRequest {
  path: string
  /** Rows before this one are not read. */
  fromRow: number
  batchRows: number
}

/** What it answers: how the file is made, then a batch for each 'next', then the end. */
export type ParquetAnswer =
  | { kind: 'opened'; schema: Uint8Array; rows: number }
  | { kind: 'batch'; rows: number; batch: Uint8Array<ArrayBuffer> }
  | { kind: 'end' }
  | { kind: 'failed'; message: string }

const port = parentPort
if (!port) throw new Error('This is the thread of a Parquet reader; nothing else starts it.')
const answer = (message: ParquetAnswer, ...transfer: ArrayBuffer[]) =>
  port.postMessage(message, transfer)

async function* batches({ path, fromRow, batchRows }: ParquetRequest) {
  const parquet = await ParquetFile.fromFile(await openAsBlob(path))
  const metadata = parquet.metadata()
  const groups = metadata.rowGroups().map((group) => group.numRows())
  const rows = metadata.fileMetadata().numRows()
  answer({ kind: 'opened', schema: parquet.schema().intoIPCStream(), rows })

  let before = 0
  for (const [group, groupRows] of groups.entries()) {
    // The library holds all rows that it is asked for, so it is asked for some at a time.
    for (let offset = Math.max(0, fromRow - before); offset < groupRows; offset += windowRows) {
      const limit = Math.min(windowRows, groupRows - offset)
      let left = limit
      const options = { batchSize: batchRows, rowGroups: [group], offset, limit, concurrency: 1 }
      for await (const batch of (await parquet.stream(options)) as AsyncIterable<RecordBatch>) {
        left -= batch.numRows
        yield batch
      }
      if (left !== 0) throw new Error(`row group ${group} does not have its ${groupRows} rows`)
    }
    before += groupRows
  }
}

/** Rows of a row group decoded at once: of a million, all together would take 160 MB. */
const windowRows = 131_072

const reading = batches(workerData as ParquetRequest)

async function next() {
  try {
    const { done, value } = await reading.next()
    if (done) return answer({ kind: 'end' })
    const rows = value.numRows
    const batch = value.intoIPCStream() as Uint8Array<ArrayBuffer>
    answer({ kind: 'batch', rows, batch }, batch.buffer)
  } catch (error) {
    answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}

port.on('message', () => void next())
