import { Worker } from 'node:worker_threads'
import type { DemoOptions, DemoResult } from './generate.ts'

/** What the worker thread is started with. */
export type WorkerOptions = Omit<DemoOptions, 'onProgress'>

/** What the worker thread reports. */
export type WorkerMessage =
  | { kind: 'progress'; share: number; doing: string }
  | { kind: 'done'; result: DemoResult }

/** Generates the demo in a thread of its own, so that the caller stays responsive and gets the memory back. */
export function generateDemoInWorker({ onProgress, ...options }: DemoOptions): Promise<DemoResult> {
  const { promise, resolve, reject } = Promise.withResolvers<DemoResult>()
  const worker = new Worker(new URL('generate-worker.ts', import.meta.url), { workerData: options })
  worker.on('message', (message: WorkerMessage) => {
    if (message.kind === 'done') resolve(message.result)
    else onProgress?.(message.share, message.doing)
  })
  worker.on('error', reject)
  worker.on('exit', (code) =>
    reject(
      new Error(
        `The demo's worker ended with code ${code} before it was done. Start again: npm start`,
      ),
    ),
  )
  return promise
}
