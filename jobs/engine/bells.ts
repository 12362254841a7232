import { setTimeout as sleep } from 'node:timers/promises'

import type { PoolQueue } from './queue.ts'
import type { Ready } from './ready.ts'

/** Tells the workers of every pool that steps are ready. */
export interface Bells {
  ring: (ready: readonly Ready[]) => void
  /** Waits until all that was rung for is on the queues. */
  rung: () => Promise<void>
}

const pauseMs = 20

/**
 * Rings one at a time for each pool, and what comes meanwhile together: a step that ends never waits
 * for the queue. A ring that fails is lost; the steps are found again by the next look at the tables.
 */
export function bellsOf(
  queues: ReadonlyMap<string, PoolQueue>,
  { slots, onError }: { slots: (pool: string) => number; onError: (error: unknown) => void },
): Bells {
  const waiting = new Map<string, number>()
  const ringing = new Map<string, Promise<void>>()
  const later = new Set<Promise<void>>()

  const run = async (pool: string) => {
    for (let steps = waiting.get(pool); steps; steps = waiting.get(pool)) {
      waiting.delete(pool)
      await queues
        .get(pool)
        ?.ring(Math.min(steps, slots(pool)))
        .catch(onError)
      await sleep(pauseMs)
    }
    ringing.delete(pool)
  }
  return {
    ring(ready) {
      for (const { pool, steps, delayMs } of ready)
        if (delayMs) keep(later, queues.get(pool)?.ring(1, delayMs).catch(onError))
        else {
          waiting.set(pool, (waiting.get(pool) ?? 0) + steps)
          if (!ringing.has(pool)) ringing.set(pool, run(pool))
        }
    },
    async rung() {
      await Promise.all([...ringing.values(), ...later])
    },
  }
}

function keep(set: Set<Promise<void>>, promise: Promise<void> | undefined) {
  if (!promise) return
  set.add(promise)
  void promise.finally(() => set.delete(promise))
}
