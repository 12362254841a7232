import type { Unit } from './graph.ts'
import { leadOf } from './graph.ts'

/** What a named resource bears: a partner's API, another database, the warehouse itself. */
export interface PoolLimits {
  /** Steps at a time in one worker; the worker's own number when left out. */
  perWorker?: number
  /** Steps at a time in all workers together. */
  total?: number
  /** Steps started in so many seconds, in all workers together. */
  rate?: { steps: number; seconds: number }
}

export type Pools = Readonly<Record<string, PoolLimits>>

/** The pool of all assets that name none. */
const defaultPool = 'warehouse'

/** The pools that units name; one that nobody defined is refused. */
export function poolsOf(units: Iterable<Unit>, pools: Pools): Map<string, PoolLimits> {
  const used = new Map<string, PoolLimits>([[defaultPool, pools[defaultPool] ?? {}]])
  for (const unit of units) {
    const { name, pool } = leadOf(unit)
    const limits = pools[pool] ?? (pool === defaultPool ? {} : undefined)
    if (!limits)
      throw new Error(
        `${name} is in pool "${pool}", which jobs/pools.ts does not define. ` +
          `Pools there: ${Object.keys(pools).join(', ')}. Define it, or name one of these.`,
      )
    used.set(pool, limits)
  }
  return used
}
