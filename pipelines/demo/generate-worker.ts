/** The entry of a worker thread that generates the demo: its memory goes away with it. */
import { parentPort, workerData } from 'node:worker_threads'
import { generateDemo } from './generate.ts'
import type { WorkerMessage, WorkerOptions } from './in-worker.ts'

const options = workerData as WorkerOptions
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
const tell = (message: WorkerMessage) => parentPort?.postMessage(message)

const result = generateDemo({
  ...options,
  onProgress: (share, doing) => tell({ kind: 'progress', share, doing }),
})
tell({ kind: 'done', result })
