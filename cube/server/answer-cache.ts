import type { CubejsServerCore } from '@cubejs-backend/server-core'

type Orchestrator = Awaited<ReturnType<CubejsServerCore['getOrchestratorApi']>>
type CacheDriver = ReturnType<
  ReturnType<ReturnType<Orchestrator['getQueryOrchestrator']>['getQueryCache']>['getCacheDriver']
>

/** What Cube remembers: answers, refresh keys and which rollups there are. */
export interface AnswerCache {
  clear(): Promise<void>
}

/** Drops the oldest entries beyond `maxBytes`. Cube's memory cache keeps every answer for a day. */
export function boundAnswerCache(cache: CacheDriver, maxBytes: number): AnswerCache {
  const sizes = new Map<string, number>()
  let total = 0
  const forget = async (key: string) => {
    total -= sizes.get(key) ?? 0
    sizes.delete(key)
    await cache.remove(key)
  }

  const set = cache.set.bind(cache)
  cache.set = async (key, value, expiration) => {
    const stored = await set(key, value, expiration)
    total += stored.bytes - (sizes.get(key) ?? 0)
    sizes.delete(key)
    sizes.set(key, stored.bytes)
    for (const oldest of sizes.keys()) {
      if (total <= maxBytes) break
      await forget(oldest)
    }
    return stored
  }

  return {
    async clear() {
      for (const key of sizes.keys()) await forget(key)
    },
  }
}
