import type { CubejsServerCore } from '@cubejs-backend/server-core'

type Orchestrator = Awaited<ReturnType<CubejsServerCore['getOrchestratorApi']>>
type CacheDriver = ReturnType<
  ReturnType<ReturnType<Orchestrator['getQueryOrchestrator']>['getQueryCache']>['getCacheDriver']
>

/** Drops the oldest answers beyond `maxBytes`. Cube's memory cache keeps every answer for a day. */
export function boundCache(cache: CacheDriver, maxBytes: number) {
  const kept = new Map<string, number>()
  let total = 0
  const forget = (key: string) => {
    total -= kept.get(key) ?? 0
    kept.delete(key)
  }
  const set = cache.set.bind(cache)
  cache.set = async (key, value, expiration) => {
    const stored = await set(key, value, expiration)
    forget(key)
    kept.set(key, stored.bytes)
    total += stored.bytes
    for (const oldest of kept.keys()) {
      if (total <= maxBytes) break
      forget(oldest)
      await cache.remove(oldest)
    }
    return stored
  }
}
