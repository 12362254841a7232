/** Steps of a pool that may start: what the queue has to tell the workers. */
export interface Ready {
  pool: string
  steps: number
  /** Not sooner than this. */
  delayMs?: number
}

/** Counts ready steps by pool. */
export function readyIn(pools: readonly string[]): Ready[] {
  const counts = new Map<string, number>()
  for (const pool of pools) counts.set(pool, (counts.get(pool) ?? 0) + 1)
  return [...counts].map(([pool, steps]) => ({ pool, steps }))
}
