import { setTimeout as sleep } from 'node:timers/promises'

import type { Asset } from '#kit/asset.ts'
import { connect } from '#jobs/postgres/pool.ts'

import { bellsOf } from './bells.ts'
import type { ClaimedStep } from './claim.ts'
import { coalesced } from './coalesced.ts'
import { messageOf } from './errors.ts'
import { unitsOf } from './graph.ts'
import { InFlight } from './in-flight.ts'
import type { Intake } from './intake.ts'
import { tellTakenBack } from './observe/attempt.ts'
import type { Ending } from './observe/ending.ts'
import { type Logger, silent } from './observe/logger.ts'
import type { Tracing } from './observe/tracing.ts'
import { type Pools, poolsOf } from './pools.ts'
import { bePresent, endWithTheProcess, wakeWorkers } from './presence.ts'
import { openQueue, type PoolQueue, requireRedis } from './queue.ts'
import { type AbandonedStep, reconcile } from './reconcile.ts'
import { retryOf, slotsOf } from './slots.ts'

/** A worker takes steps until it is closed. */
export interface RunningWorker extends AsyncDisposable {
  /**
   * Takes no more steps, gives those under way so long to end, interrupts and gives back the rest, and
   * lets go of every connection. Who cannot wait aborts `hurry`.
   */
  close: (options?: { graceMs?: number; hurry?: AbortSignal }) => Promise<void>
  /** Its number; undefined while it has no session with Postgres, and so takes no steps. */
  readonly worker: number | undefined
  /** Steps under way. */
  readonly running: number
  /** Throws unless what carries the queues answers. */
  pingQueues: () => Promise<void>
}

/** What a worker is told. */
export interface WorkerOptions {
  /** The warehouse. */
  url: string
  /** Carries the queue instead of Postgres. */
  redisUrl?: string | undefined
  assets: readonly Asset[]
  intake: Intake
  /** The limits of the pools that assets name. */
  pools?: Pools
  /** Steps at a time, in pools that say nothing else. */
  concurrency?: number
  reconcileMs?: number
  logger?: Logger
  tracing?: Tracing | undefined
  /** Is called whenever an attempt begins. */
  onBeginning?: (() => void) | undefined
  /** Hears of the end of every attempt. */
  onEnding?: ((ending: Ending) => void) | undefined
}

/** Starts a worker in this process; it also takes over what dead workers left. */
export async function startWorker({
  url,
  redisUrl = process.env.REDIS_URL,
  assets,
  intake,
  pools = {},
  concurrency = 2,
  reconcileMs = 10_000,
  logger = silent,
  tracing,
  onBeginning,
  onEnding,
}: WorkerOptions): Promise<RunningWorker> {
  const units = new Map(unitsOf(assets).map((unit) => [unit.name, unit]))
  const byName = new Map(assets.map((asset) => [asset.name, asset]))
  const limits = poolsOf(units.values(), pools)
  const slots = (pool: string) => limits.get(pool)?.perWorker ?? concurrency
  const allSlots = [...limits.keys()].reduce((sum, pool) => sum + slots(pool), 0)

  if (redisUrl) await requireRedis(redisUrl)
  // For each step its transaction, a load, and beside them progress or cancellation; one to reconcile.
  const database = connect(url, { max: 3 * allSlots + 1, options: endWithTheProcess })
  const { db, pool } = database
  await using opening = new AsyncDisposableStack()
  opening.use(database)

  const workshop = { db, pool, units, byName, intake }
  const audience = { db, logger, tracing, onBeginning, onEnding }
  const inFlight = new InFlight()
  let closing = false
  const warn = (error: unknown) => {
    if (!closing) logger.warn({}, messageOf(error))
  }

  const carrier = { databaseUrl: url, redisUrl, onError: warn, telemetry: tracing?.queue }
  const queues = new Map<string, PoolQueue>()
  for (const [name, poolLimits] of limits) {
    const queue = await openQueue(name, poolLimits, carrier)
    opening.defer(queue.close)
    queues.set(name, queue)
  }
  const bells = bellsOf(queues, { slots, onError: warn })

  const look = coalesced(async () => {
    await inFlight.abortLost(db)
    const isRunning = (step: ClaimedStep) => inFlight.has(step)
    const { worker } = presence
    const onTakenBack = (step: AbandonedStep) => tellTakenBack(audience, step)
    bells.ring(
      await reconcile(db, {
        worker,
        isRunning,
        retryOf: (asset) => retryOf(workshop, asset),
        onTakenBack,
      }),
    )
    await presence.beSeen(db)
  }, warn)
  const presence = await bePresent(
    url,
    { concurrency: allSlots, pools: [...limits.keys()] },
    {
      onCall: () => look.run(),
      onLost: () => inFlight.abort('The worker lost its session with Postgres.'),
    },
  )

  const drain = slotsOf({
    workshop,
    audience,
    inFlight,
    bells,
    limits,
    slots,
    worker: () => presence.worker,
    isClosing: () => closing,
    warn,
  })

  // All is open: from here on close() lets go of it.
  opening.move()
  for (const [name, queue] of queues) queue.work(() => drain(name), slots(name))
  look.run()
  const timer = setInterval(() => look.run(), reconcileMs)

  let closed: Promise<void> | undefined
  const close: RunningWorker['close'] = ({ graceMs = 0, hurry } = {}) =>
    (closed ??= (async () => {
      closing = true
      clearInterval(timer)
      if (graceMs > 0) await Promise.race([inFlight.landed(), patience(graceMs, hurry)])
      inFlight.abort('The worker is closing.')
      await inFlight.landed()
      await bells.rung()
      await Promise.all([...queues.values()].map((queue) => queue.close()))
      await look.idle()
      await wakeWorkers(db).catch(() => {})
      await presence.close()
      await database.close()
    })())
  return {
    close,
    get worker() {
      return closing ? undefined : presence.worker
    },
    get running() {
      return inFlight.size
    },
    async pingQueues() {
      await Promise.all([...queues.values()].map((queue) => queue.ping()))
    },
    [Symbol.asyncDispose]: () => close(),
  }
}

/** Until the time is up, or nobody can wait for it. */
async function patience(ms: number, hurry?: AbortSignal): Promise<void> {
  await sleep(ms, null, { ref: false, ...(hurry && { signal: hurry }) }).catch(() => {})
}
