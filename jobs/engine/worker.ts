import { setTimeout as sleep } from 'node:timers/promises'

import type { Asset, Retry } from '#kit/asset.ts'
import { connect } from '#jobs/postgres/pool.ts'

import { failAttempt, releaseAttempt } from './attempt.ts'
import { bellsOf } from './bells.ts'
import { type ClaimedStep, claim } from './claim.ts'
import { coalesced } from './coalesced.ts'
import { FencedError, messageOf } from './errors.ts'
import { leadOf, unitsOf } from './graph.ts'
import { InFlight } from './in-flight.ts'
import { type Pools, poolsOf } from './pools.ts'
import { bePresent, endWithTheProcess, wakeWorkers } from './presence.ts'
import { openQueue, type PoolQueue, requireRedis } from './queue.ts'
import type { Ready } from './ready.ts'
import { reconcile } from './reconcile.ts'
import { closeRun } from './settle.ts'
import type { Intake } from './intake.ts'
import { runStep } from './step.ts'
import { letGo } from './windows.ts'

/** A worker takes steps until it is closed. */
export interface RunningWorker extends AsyncDisposable {
  /**
   * Takes no more steps, gives those under way so long to end, interrupts and gives back the rest, and
   * lets go of every connection.
   */
  close: (options?: { graceMs?: number }) => Promise<void>
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
  logger?: Pick<Console, 'info' | 'warn' | 'error'>
}

const silent = { info() {}, warn() {}, error() {} }

/** Of an asset that is gone from the code. */
const noRetry: Retry = { limit: 1, backoffMs: 0 }

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
}: WorkerOptions): Promise<RunningWorker> {
  const units = new Map(unitsOf(assets).map((unit) => [unit.name, unit]))
  const byName = new Map(assets.map((asset) => [asset.name, asset]))
  const limits = poolsOf(units.values(), pools)
  const slots = (pool: string) => limits.get(pool)?.perWorker ?? concurrency
  const allSlots = [...limits.keys()].reduce((sum, pool) => sum + slots(pool), 0)
  const retryOf = (name: string) => {
    const unit = units.get(name)
    return unit ? leadOf(unit).retry : noRetry
  }

  if (redisUrl) await requireRedis(redisUrl)
  // For each step its transaction, a load, and beside them progress or cancellation; one to reconcile.
  const database = connect(url, { max: 3 * allSlots + 1, options: endWithTheProcess })
  const { db, pool } = database
  await using opening = new AsyncDisposableStack()
  opening.use(database)

  const inFlight = new InFlight()
  let closing = false
  const warn = (error: unknown) => {
    if (!closing) logger.warn(messageOf(error))
  }

  const queues = new Map<string, PoolQueue>()
  for (const [name, poolLimits] of limits) {
    const queue = await openQueue(name, poolLimits, { databaseUrl: url, redisUrl, onError: warn })
    opening.defer(queue.close)
    queues.set(name, queue)
  }
  const bells = bellsOf(queues, { slots, onError: warn })

  const look = coalesced(async () => {
    await inFlight.abortLost(db)
    const isRunning = (step: ClaimedStep) => inFlight.has(step)
    bells.ring(await reconcile(db, { worker: presence.worker, isRunning, retryOf }))
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

  /** Takes steps of a pool until there are none, or one alone where starts are counted. */
  const drain = async (name: string) => {
    const isCounted = limits.get(name)?.rate !== undefined
    let last: ClaimedStep | undefined
    for (;;) {
      const step = await take(name)
      // A run that this goes away from may have nothing left.
      if (last && last.run !== step?.run) await closeRun(db, last.run).catch(warn)
      if (!step) return
      last = step
      const ready = await perform(step)
      if (isCounted) {
        await closeRun(db, step.run).catch(warn)
        bells.ring([...ready, { pool: name, steps: 1 }])
        return
      }
      bells.ring(othersThan(name, ready))
    }
  }

  const take = async (name: string): Promise<ClaimedStep | undefined> => {
    if (closing || !presence.worker) return undefined
    // Backfills leave a slot to live work.
    const isRoom = slots(name) === 1 || inFlight.backfills < slots(name) - 1
    const worstPriority = isRoom ? 1_000_000 : 0
    return await claim(pool, { worker: presence.worker, pool: name, worstPriority })
  }

  const perform = async (step: ClaimedStep): Promise<Ready[]> => {
    const ready = await inFlight.during(step, (controller) => attempt(step, controller))
    if (!step.isWindowed) return ready
    return [...ready, ...(await letGo(db, step.run).catch(() => []))]
  }

  const attempt = async (
    step: ClaimedStep,
    { signal: stop }: AbortController,
  ): Promise<Ready[]> => {
    const unit = units.get(step.asset)
    const minutes = unit ? leadOf(unit).timeoutMinutes : 1
    const timeout = AbortSignal.timeout(minutes * 60_000)
    const signal = AbortSignal.any([stop, timeout])
    try {
      return await runStep({ db, pool, units, byName, intake }, step, signal, () => {})
    } catch (error) {
      if (error instanceof FencedError) return []
      const reason = timeout.aborted
        ? new Error(`${step.asset} took longer than its ${minutes} minutes.`)
        : error
      if (!stop.aborted) logger.warn(`${step.asset}: ${messageOf(reason)}`)
      return await untilRecorded(() =>
        stop.aborted
          ? releaseAttempt(db, step)
          : failAttempt(db, step, reason, retryOf(step.asset)),
      )
    }
  }

  /** While Postgres is away nothing can be recorded; if it stays away, the step's worker is gone. */
  const untilRecorded = async (record: () => Promise<Ready[]>): Promise<Ready[]> => {
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
  for (const [name, queue] of queues) queue.work(() => drain(name), slots(name))
  look.run()
  const timer = setInterval(() => look.run(), reconcileMs)

  let closed: Promise<void> | undefined
  const close = ({ graceMs = 0 } = {}) =>
    (closed ??= (async () => {
      closing = true
      clearInterval(timer)
      if (graceMs > 0) await Promise.race([inFlight.landed(), sleep(graceMs, null, { ref: false })])
      inFlight.abort('The worker is closing.')
      await inFlight.landed()
      await bells.rung()
      await Promise.all([...queues.values()].map((queue) => queue.close()))
      await look.idle()
      await wakeWorkers(db).catch(() => {})
      await presence.close()
      await database.close()
    })())
  return { close, [Symbol.asyncDispose]: () => close() }
}

/** What the slot itself takes next need not be told to others. */
function othersThan(pool: string, ready: readonly Ready[]): Ready[] {
  return ready.flatMap((each) =>
    each.pool === pool && !each.delayMs
      ? each.steps > 1
        ? [{ ...each, steps: each.steps - 1 }]
        : []
      : [each],
  )
}
