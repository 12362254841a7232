import { setTimeout as sleep } from 'node:timers/promises'

import type { Asset } from '#kit/asset.ts'
import { connect } from '#jobs/postgres/pool.ts'

import { failAttempt, releaseAttempt, type Retry } from './attempt.ts'
import { coalesced } from './coalesced.ts'
import { FencedError, messageOf } from './errors.ts'
import { inOrder } from './graph.ts'
import { type Flight, InFlight } from './in-flight.ts'
import { bePresent, endWithTheProcess, wakeWorkers } from './presence.ts'
import { openQueue } from './queue.ts'
import { reconcile } from './reconcile.ts'
import type { ReadyStep, StepJob } from './settle.ts'
import { type ClaimedStep, claim, type LoadSource, runStep } from './step.ts'

/** A worker takes steps from the queue until it is closed. */
export interface RunningWorker extends AsyncDisposable {
  /** Interrupts what is running, gives it back and lets go of every connection. */
  close: () => Promise<void>
}

/** What a worker is told. */
export interface WorkerOptions {
  /** The warehouse. */
  url: string
  /** Carries the queue instead of Postgres. */
  redisUrl?: string | undefined
  assets: readonly Asset[]
  load: LoadSource
  /** Steps at a time. */
  concurrency?: number
  retry?: Retry
  reconcileMs?: number
  logger?: Pick<Console, 'info' | 'warn' | 'error'>
}

const silent = { info() {}, warn() {}, error() {} }

/** Starts a worker in this process; it also takes over what dead workers left. */
export async function startWorker({
  url,
  redisUrl = process.env.REDIS_URL,
  assets,
  load,
  concurrency = 2,
  retry = { limit: 5, backoffMs: 500 },
  reconcileMs = 15_000,
  logger = silent,
}: WorkerOptions): Promise<RunningWorker> {
  const byName = new Map(inOrder(assets).map((asset) => [asset.name, asset]))
  // For each step its transaction, a load, and beside them progress or cancellation; one to reconcile.
  const database = connect(url, { max: 3 * concurrency + 1, options: endWithTheProcess })
  const { db, pool } = database
  await using opening = new AsyncDisposableStack()
  opening.use(database)
  // A session in use that the server ends fails its query, which says so.
  pool.on('connect', (client) => client.on('error', () => {}))

  const inFlight = new InFlight()
  let closing = false
  const warn = (error: unknown) => {
    if (!closing) logger.warn(messageOf(error))
  }

  const queue = await openQueue(url, redisUrl, warn)
  opening.defer(queue.close)
  const look = coalesced(async () => {
    await inFlight.abortLost(db)
    const self = { worker: presence.worker, isRunning: (step: ClaimedStep) => inFlight.has(step) }
    await queue.send(await reconcile(db, self, retry))
  }, warn)
  const presence = await bePresent(url, {
    onCall: () => look.run(),
    onLost: () => inFlight.abort('The worker lost its session with Postgres.'),
  })

  const handle = async (job: StepJob) => {
    // What cannot be sent is found again by the next look.
    await queue.send(await inFlight.during(job, (flight) => take(job, flight))).catch(warn)
  }

  const take = async (job: StepJob, flight: Flight): Promise<ReadyStep[]> => {
    if (closing || !presence.worker) return []
    const step = await claim(db, job, presence.worker)
    if (!step) return []
    flight.claimed = step
    const { signal } = flight.controller
    try {
      return await runStep({ db, pool, assets: byName, load }, step, signal)
    } catch (error) {
      if (error instanceof FencedError) return []
      if (!signal.aborted) logger.warn(`${step.asset}: ${messageOf(error)}`)
      return await untilRecorded(() =>
        signal.aborted ? releaseAttempt(db, step) : failAttempt(db, step, error, retry),
      )
    }
  }

  /** While Postgres is away nothing can be recorded; if it stays away, the step's worker is gone. */
  const untilRecorded = async (record: () => Promise<ReadyStep[]>): Promise<ReadyStep[]> => {
    for (;;) {
      try {
        return await record()
      } catch (error) {
        warn(error)
        if (closing) return []
        await sleep(500)
      }
    }
  }

  // All is open: from here on close() lets go of it.
  opening.move()
  queue.work(handle, concurrency)
  look.run()
  const timer = setInterval(() => look.run(), reconcileMs)

  let closed: Promise<void> | undefined
  const close = () =>
    (closed ??= (async () => {
      closing = true
      clearInterval(timer)
      inFlight.abort('The worker is closing.')
      await queue.close()
      await look.idle()
      await wakeWorkers(db).catch(() => {})
      await presence.close()
      await database.close()
    })())
  return { close, [Symbol.asyncDispose]: close }
}
