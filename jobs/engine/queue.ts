import {
  createPostgresBackend,
  type Job,
  type JobsOptions,
  Queue,
  type QueueOptions,
  Worker,
  type WorkerOptions,
} from 'bullmq'
import { Redis } from 'ioredis'

import type { ReadyStep, StepJob } from './settle.ts'

/** Takes a job's step as far as it gets; never throws for the step's own failure. */
type Handle = (job: StepJob) => Promise<void>

/** Carries steps to workers. It may be lost at any time: the steps themselves are in Postgres. */
export interface StepQueue {
  /** Enqueues steps; one that is enqueued already is left alone. */
  send: (steps: readonly ReadyStep[]) => Promise<void>
  /** Starts to take jobs, so many at a time. */
  work: (handle: Handle, concurrency: number) => void
  /** Waits for the jobs that are being handled. */
  close: () => Promise<void>
}

const name = 'steps'

/** Short enough that a dead worker's jobs soon move on, long enough for a busy event loop. */
const locks = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 5 }

/** BullMQ on the warehouse's Postgres, or on Redis if a URL of one is given. */
export async function openQueue(
  databaseUrl: string,
  redisUrl: string | undefined,
  onError: (error: Error) => void,
): Promise<StepQueue> {
  if (redisUrl) await answers(redisUrl)
  const backend = redisUrl ? onRedis(redisUrl, databaseUrl) : onPostgres(databaseUrl)
  const queue = backend.queue()
  queue.on('error', onError)
  await queue.waitUntilReady()

  let worker: ReturnType<typeof backend.worker> | undefined
  return {
    async send(steps) {
      if (steps.length > 0) await queue.addBulk(steps.map(asJob))
    },
    work(handle, concurrency) {
      const run = async (job: Job<StepJob>) => await handle(job.data)
      worker = backend.worker(run, { ...locks, concurrency, runRetryDelay: 1_000 })
      worker.on('error', onError)
    },
    async close() {
      await worker?.close()
      await queue.close()
    },
  }
}

/** The id names the attempt, so a new attempt is not mistaken for a job that a dead worker holds. */
function asJob({ step, attempt, delayMs = 0 }: ReadyStep) {
  const opts: JobsOptions = {
    jobId: `${step}/${attempt}`,
    removeOnComplete: true,
    removeOnFail: true,
    ...(delayMs > 0 && { delay: delayMs }),
  }
  return { name, data: { step, attempt }, opts }
}

type Run = (job: Job<StepJob>) => Promise<void>
type Options = Omit<WorkerOptions, 'connection'>

/** Each has a pool of its own, and the worker a session for LISTEN beside it. */
function onPostgres(connectionString: string) {
  const connection = (max: number) => ({ connectionString, schema: 'bullmq', migrate: true, max })
  return {
    queue: () => new Queue(name, { connection: connection(2) }, createPostgresBackend),
    worker: (run: Run, options: Options) =>
      new Worker(
        name,
        run,
        { ...options, connection: connection(2 + (options.concurrency ?? 1)) },
        createPostgresBackend,
      ),
  }
}

/** One Redis serves the databases of several warehouses as long as their names differ. */
function onRedis(url: string, databaseUrl: string) {
  const prefix = `recoup${new URL(databaseUrl).pathname}`
  const options: QueueOptions = { prefix, connection: { url, maxRetriesPerRequest: null } }
  return {
    queue: () => new Queue(name, options),
    worker: (run: Run, more: Options) => new Worker(name, run, { ...options, ...more }),
  }
}

/** BullMQ would try for ever and say nothing. */
async function answers(url: string): Promise<void> {
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
