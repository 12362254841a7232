import type { AnswerCache } from './answer-cache.ts'

/** Reads the version of the warehouse; what Cube remembers of an earlier one is forgotten first. */
export type Freshen = () => Promise<string>

/**
 * Keeps Cube's memory no older than the warehouse. Those who ask at the same time share one read,
 * which begins after the last of them has asked.
 */
export function keepFresh(cache: AnswerCache, readVersion: () => Promise<string | null>): Freshen {
  let known: string | null = null
  const read = async () => {
    const version = await readVersion()
    if (version !== known) {
      known = version
      await cache.clear()
    }
    return version ?? 'empty'
  }

  let current: Promise<string> | undefined
  let next: Promise<string> | undefined
  return () => {
    if (next) return next
    const before = current
    const mine = (before ? before.catch(() => {}) : Promise.resolve()).then(() => {
      current = mine
      next = undefined
      return read()
    })
    next = mine
    void mine
      .catch(() => {})
      .finally(() => {
        if (current === mine) current = undefined
      })
    return mine
  }
}
