import { once } from 'node:events'

import type { Pool } from 'pg'

import type { Logger } from '#jobs/engine/observe/logger.ts'
import type { RunningWorker, WorkerOptions } from '#jobs/engine/worker.ts'

import { exitCodes } from '../terminal/mistakes.ts'
import type { OpsAddress } from './operate.ts'
import { stopSignals } from './stop-signals.ts'
import { openTelemetry } from './telemetry.ts'

/** How a worker is run as a process. */
export interface WorkerRun {
  logger: Logger
  /** For its own questions to the warehouse. */
  pool: Pool
  start: (
    observers: Pick<WorkerOptions, 'logger' | 'tracing' | 'onEnding'>,
  ) => Promise<RunningWorker>
  /** Starts what is due, beside the steps. */
  keepTime?: () => AsyncDisposable
  /** Steps under way at a signal have so long to end. */
  graceSeconds: number
  /** Where operations are answered; nowhere when left out. */
  ops?: OpsAddress | undefined
  pools: readonly string[]
}

/** Runs a worker until a signal ends it, and says what it does; the result is the exit code. */
export async function runWorker(run: WorkerRun): Promise<number> {
  const { logger, pool, graceSeconds } = run
  using signals = stopSignals()
  await using open = new AsyncDisposableStack()
  const telemetry = await openTelemetry(logger)
  if (telemetry) open.use(telemetry)
  const ops = run.ops && (await openOps(run.ops, run.pools))
  const worker = open.use(
    await run.start({
      logger,
      tracing: telemetry?.tracing,
      onEnding: (ending) => {
        ops?.onEnding(ending)
        telemetry?.onEnding(ending)
      },
    }),
  )
  if (ops) {
    const { url } = open.use(await ops.watch(worker, pool))
    logger.info({ worker: worker.worker, url }, 'Answers /healthz, /readyz and /metrics.')
  }
  const time = run.keepTime?.()
  logger.info(
    { worker: worker.worker },
    'Working. Plan something for it: recoup ingest <file> --as <feed>',
  )
  if (!signals.stop.aborted) await once(signals.stop, 'abort')

  const { running } = worker
  const why = (signals.stop.reason as Error).message
  const wait = running > 0 ? `Under way: ${running}, with ${graceSeconds} s to end.` : ''
  logger.info({ running, graceSeconds }, `Closing, ${why}. Takes no more steps. ${wait}`.trim())
  signals.hurry.addEventListener('abort', () =>
    logger.warn({ running: worker.running }, 'Told again: interrupts what runs and gives it back.'),
  )
  const grace = setTimeout(() => {
    logger.warn({ running: worker.running }, 'Time is up: interrupts what runs and gives it back.')
  }, graceSeconds * 1000)
  const closing = worker.close({ graceMs: graceSeconds * 1000, hurry: signals.hurry })
  await Promise.all([closing, time?.[Symbol.asyncDispose]()])
  clearTimeout(grace)
  logger.info({}, 'Closed.')
  return signals.hurry.aborted ? exitCodes.interrupted : exitCodes.ok
}

/** Loads the web server only where one is wanted: it takes 10 MB. */
async function openOps(address: OpsAddress, pools: readonly string[]) {
  const operate = await import('./operate.ts')
  return await operate.openOps(address, pools)
}
