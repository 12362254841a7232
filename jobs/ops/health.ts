import { monitorEventLoopDelay } from 'node:perf_hooks'

import type { Pool } from 'pg'

import type { RunningWorker } from '#jobs/engine/worker.ts'

import type { Answer } from './server.ts'

const patienceMs = 2_000
const lookBackMs = 30_000
const stuckMs = 1_000

/** Whether the process is alive: it answers, and most turns of its event loop are short. */
export function aliveness(): { answer: () => Answer } & Disposable {
  const delays = monitorEventLoopDelay({ resolution: 20 })
  delays.enable()
  const timer = setInterval(() => delays.reset(), lookBackMs).unref()
  return {
    answer() {
      const half = ms(delays.percentile(50))
      const body = { usualDelayMs: half, longestDelayMs: ms(delays.max) }
      return half < stuckMs
        ? { status: 200, body: { alive: true, ...body } }
        : { status: 503, body: { alive: false, reasons: ['The event loop is stuck.'], ...body } }
    },
    [Symbol.dispose]() {
      clearInterval(timer)
      delays.disable()
    },
  }
}

function ms(nanoseconds: number): number {
  return Math.round(nanoseconds / 1e6)
}

/** Whether a worker takes steps right now, and if not, why not. */
export async function readiness(worker: RunningWorker, pool: Pool): Promise<Answer> {
  const [postgres, queue] = await Promise.all([
    problemOf('Postgres', pool.query('select')),
    problemOf('the queue', worker.pingQueues()),
  ])
  const presence =
    worker.worker === undefined
      ? 'The worker is closing, or lost its session with Postgres and looks for a new one.'
      : undefined
  const reasons = [postgres, queue, presence].filter((reason) => reason !== undefined)
  const { worker: number, running } = worker
  return reasons.length === 0
    ? { status: 200, body: { ready: true, worker: number, running } }
    : { status: 503, body: { ready: false, reasons, running } }
}

async function problemOf(what: string, answer: Promise<unknown>): Promise<string | undefined> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Error(`no answer within ${patienceMs / 1000} s`)),
    patienceMs,
  )
  try {
    await Promise.race([answer, late.promise])
    return undefined
  } catch (error) {
    const { message, code } = error as Error & { code?: string }
    return `Cannot reach ${what}: ${message || code || 'it does not say why'}.`
  } finally {
    clearTimeout(timer)
  }
}
