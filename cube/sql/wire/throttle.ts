/** Makes guessing slow: each failure makes the next answer of the kind come later. */
export interface Throttle {
  /** Notes a failure and waits. */
  failed(key: string): Promise<void>
  /** Forgets the failures. */
  succeeded(key: string): void
}

const firstMs = 50
const mostMs = 2000
const forgottenAfterMs = 60_000
const mostKeys = 10_000

export function createThrottle(): Throttle {
  const failures = new Map<string, { times: number; at: number }>()
  return {
    async failed(key) {
      const now = performance.now()
      const last = failures.get(key)
      const times = last && now - last.at < forgottenAfterMs ? last.times + 1 : 1
      failures.delete(key)
      failures.set(key, { times, at: now })
      const [oldest] = failures.keys()
      if (failures.size > mostKeys && oldest !== undefined) failures.delete(oldest)
      const ms = Math.min(mostMs, firstMs * 2 ** (times - 1))
      await new Promise((resolve) => setTimeout(resolve, ms))
    },
    succeeded(key) {
      failures.delete(key)
    },
  }
}
