/** Parquet, row group by row group, as Arrow record batches. */
import { open } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import type { RecordBatch } from 'apache-arrow'
import type { Source } from '../asset.ts'
import { feedError } from './feed-error.ts'
import {
  asDamage,
  type ColumnarFeed,
  columnarLayout,
  type ColumnarOptions,
  inPieces,
  pieceRows,
  undamaged,
} from './columnar.ts'
import type { FeedFile } from './feed-file.ts'
import type { ParquetAnswer, ParquetRequest } from './parquet-worker.ts'

/** Opens a Parquet file of a feed. */
export async function openParquet(
  source: Source,
  file: FeedFile,
  { packing, resume, onRead, signal }: ColumnarOptions,
): Promise<ColumnarFeed> {
  if (packing)
    throw feedError(
      file.feed,
      file.name,
      `this is a Parquet file inside ${packing}, expected it plain: Parquet packs its columns itself. Unpack it first.`,
    )
  await checkMagic(file)
  const { tableFromIPC } = await import('apache-arrow')
  const start = resume?.from ?? { offset: 0, line: 0 }
  const request = { path: file.path, fromRow: start.offset, batchRows: pieceRows }
  const looking = new ParquetReader(request)
  try {
    const opened = await looking.opened().catch((cause: unknown) => {
      throw asDamage(file, 'Parquet file', 0, cause)
    })
    const { rows } = opened
    const feed = columnarLayout(source, file, 'parquet', tableFromIPC(opened.schema).schema)
    const told = (count: number) => onRead?.(Math.round((count * file.bytes) / Math.max(1, rows)))
    const idle = setTimeout(() => void looking.close(), longestIdle).unref()
    async function* batches() {
      clearTimeout(idle)
      const reader = looking.isClosed ? new ParquetReader(request) : looking
      if (reader !== looking) await reader.opened()
      told(start.offset)
      yield* reader.batches(told)
    }
    const whole = undamaged(file, 'Parquet file', batches(), start.offset)
    return { ...feed, start, pieces: inPieces(whole, 0, signal) }
  } catch (error) {
    await looking.close()
    throw error
  }
}

/** A thread that nobody reads from ends after these milliseconds; who comes later starts another. */
const longestIdle = 5000

async function checkMagic(file: FeedFile) {
  await using handle = await open(file.path)
  const [head, tail] = [Buffer.alloc(4), Buffer.alloc(4)]
  await handle.read(head, 0, 4, 0)
  if (head.toString() !== 'PAR1')
    throw feedError(
      file.feed,
      file.name,
      'this is not a Parquet file: it does not begin with PAR1.',
    )
  await handle.read(tail, 0, 4, Math.max(0, file.bytes - 4))
  if (file.bytes < 12 || tail.toString() !== 'PAR1')
    throw asDamage(file, 'Parquet file', 0, new Error('it does not end with PAR1'))
}

/** The thread that decodes a file, asked for one batch ahead. */
class ParquetReader {
  isClosed = false
  readonly #worker: Worker
  readonly #answers: Promise<ParquetAnswer>[] = []
  #settle: { resolve: (answer: ParquetAnswer) => void; reject: (cause: unknown) => void }[] = []

  constructor(request: ParquetRequest) {
    this.#worker = new Worker(new URL('./parquet-worker.ts', import.meta.url), {
      workerData: request,
      // Its last words, which are about WebAssembly, help nobody.
      stderr: true,
    })
    this.#worker.on('message', (answer: ParquetAnswer) => this.#settle.shift()?.resolve(answer))
    this.#worker.on('error', () => this.#fail('a page cannot be decoded'))
    this.#worker.on('exit', () => this.#fail('its reader ended'))
    // Who waits for an answer holds the process open, a thread that waits does not.
    this.#worker.unref()
    this.#expect()
    this.#ask()
  }

  /** How the file is made. */
  async opened() {
    const answer = await this.#next()
    if (answer.kind !== 'opened') throw new Error('its metadata cannot be read')
    return answer
  }

  async *batches(onRows: (rows: number) => void): AsyncGenerator<RecordBatch> {
    const { tableFromIPC } = await import('apache-arrow')
    try {
      for (;;) {
        const answer = await this.#next()
        if (answer.kind !== 'batch') return
        this.#ask()
        onRows(answer.rows)
        yield* tableFromIPC(answer.batch).batches
        // Given back now: nothing else would make the collector look for it soon.
        answer.batch.buffer.transfer(0)
      }
    } finally {
      await this.close()
    }
  }

  async close() {
    this.isClosed = true
    await this.#worker.terminate()
  }

  #ask() {
    this.#expect()
    this.#worker.postMessage('next', [])
  }

  #expect() {
    const answer = new Promise<ParquetAnswer>((resolve, reject) =>
      this.#settle.push({ resolve, reject }),
    )
    // Told to whoever asks for it, who may not have asked yet.
    answer.catch(() => {})
    this.#answers.push(answer)
  }

  async #next(): Promise<ParquetAnswer> {
    this.#worker.ref()
    const answer = await this.#answers.shift()
    this.#worker.unref()
    if (!answer) throw new Error('it ends before its last row')
    if (answer.kind === 'failed') throw new Error(answer.message)
    return answer
  }

  #fail(message: string) {
    for (const { reject } of this.#settle.splice(0)) reject(new Error(message))
  }
}
