import {
  createPostgresBackend,
  type JobsOptions,
  Queue,
  type QueueOptions,
  type Telemetry,
  Worker,
  type WorkerOptions,
} from 'bullmq'
import { Redis } from 'ioredis'

import type { PoolLimits } from './pools.ts'

/**
 * The queue of a pool. A job on it is a ticket: it names no step, it says that there are ready ones, and
 * whoever takes it takes steps until there are none. So ten thousand ready steps cost a few jobs, and
 * the queue may be lost at any time: the steps are in Postgres.
 */
export interface PoolQueue {
  /** Sees to it that so many tickets wait; with a delay, adds so many for later. */
  ring: (tickets: number, delayMs?: number) => Promise<void>
  /** Starts to take tickets, so many at a time. */
  work: (handle: () => Promise<void>, concurrency: number) => void
  /** Throws unless what carries the queue answers. */
  ping: () => Promise<void>
  /** Takes no more tickets, and waits for those that are being handled. */
  close: () => Promise<void>
}

/** What carries the queues. */
export interface Carrier {
  databaseUrl: string
  redisUrl?: string | undefined
  onError: (error: Error) => void
  /** Traces what BullMQ does. */
  telemetry?: Telemetry | undefined
}

/** Short enough that a dead worker's tickets soon move on, long enough for a busy event loop. */
const locks = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 5 }

/** BullMQ on the warehouse's Postgres, or on Redis if a URL of one is given. */
export async function openQueue(
  pool: string,
  { total, rate }: PoolLimits,
  carrier: Carrier,
): Promise<PoolQueue> {
  const backend = carrier.redisUrl
    ? onRedis(pool, carrier.redisUrl, carrier)
    : onPostgres(pool, carrier)
  const queue = backend.queue()
  queue.on('error', carrier.onError)
  await queue.waitUntilReady()
  await (total ? queue.setGlobalConcurrency(total) : queue.removeGlobalConcurrency())
  await (rate
    ? queue.setGlobalRateLimit(rate.steps, rate.seconds * 1000)
    : queue.removeGlobalRateLimit())

  let worker: ReturnType<typeof backend.worker> | undefined
  return {
    async ring(tickets, delayMs = 0) {
      const missing = delayMs > 0 ? tickets : tickets - (await queue.getWaitingCount())
      if (missing <= 0) return
      const opts: JobsOptions = {
        removeOnComplete: true,
        removeOnFail: true,
        ...(delayMs > 0 && { delay: delayMs }),
      }
      await queue.addBulk(
        Array.from({ length: missing }, () => ({ name: 'ticket', data: {}, opts })),
      )
    },
    work(handle, concurrency) {
      worker = backend.worker(handle, { ...locks, concurrency, runRetryDelay: 1_000 })
      worker.on('error', carrier.onError)
    },
    async ping() {
      await queue.getWaitingCount()
    },
    async close() {
      await worker?.close()
      await queue.close()
    },
  }
}

type Run = () => Promise<void>
type Options = Omit<WorkerOptions, 'connection'>

/** Each has a pool of its own, and the worker a session for LISTEN beside it. */
function onPostgres(name: string, { databaseUrl: connectionString, telemetry }: Carrier) {
  const traced = telemetry && { telemetry }
  const connection = (max: number) => ({ connectionString, schema: 'bullmq', migrate: true, max })
  return {
    queue: () => new Queue(name, { connection: connection(2), ...traced }, createPostgresBackend),
    worker: (run: Run, options: Options) =>
      new Worker(
        name,
        run,
        { ...options, ...traced, connection: connection(2 + (options.concurrency ?? 1)) },
        createPostgresBackend,
      ),
  }
}

/** One Redis serves the databases of several warehouses as long as their names differ. */
function onRedis(name: string, url: string, { databaseUrl, telemetry }: Carrier) {
  const prefix = `recoup${new URL(databaseUrl).pathname}`
  const connection = { url, maxRetriesPerRequest: null }
  const options: QueueOptions = { prefix, connection, ...(telemetry && { telemetry }) }
  return {
    queue: () => new Queue(name, options),
    worker: (run: Run, more: Options) => new Worker(name, run, { ...options, ...more }),
  }
}

/** BullMQ would try for ever and say nothing. */
export async function requireRedis(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => {})
  try {
    await redis.connect()
    await redis.ping()
  } catch (cause) {
    throw new Error(
      `REDIS_URL is ${url.replace(/:[^:@/]*@/, ':***@')}, and no Redis answers there. ` +
        'Start it, correct the address, or unset REDIS_URL: then Postgres carries the queue.',
      { cause },
    )
  } finally {
    redis.disconnect()
  }
}
