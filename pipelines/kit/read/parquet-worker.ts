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
  /** Row groups that end before this row are not read. */
  fromRow: number
  batchRows: number
}

/** What it answers: how the file is made, then a batch for each 'next', then the end. */
export type ParquetAnswer =
  | { kind: 'opened'; schema: Uint8Array; rows: number; skippedRows: number }
  | { kind: 'batch'; rows: number; batch: Uint8Array }
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
  let skippedRows = 0
  let first = 0
  for (const rows of groups) {
    if (skippedRows + rows > fromRow) break
    skippedRows += rows
    first++
  }
  const rows = metadata.fileMetadata().numRows()
  answer({ kind: 'opened', schema: parquet.schema().intoIPCStream(), rows, skippedRows })
  if (first === groups.length) return
  // The library's own `offset` skips rows of every group. A stream over all groups loads each whole.
  for (let group = first; group < groups.length; group++) {
    const options = { batchSize: batchRows, rowGroups: [group], concurrency: 1 }
    yield* (await parquet.stream(options)) as AsyncIterable<RecordBatch>
  }
}

const reading = batches(workerData as ParquetRequest)

async function next() {
  try {
    const { done, value } = await reading.next()
    if (done) return answer({ kind: 'end' })
    const rows = value.numRows
    const batch = value.intoIPCStream()
    answer({ kind: 'batch', rows, batch }, batch.buffer as ArrayBuffer)
  } catch (error) {
    answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}

port.on('message', () => void next())
