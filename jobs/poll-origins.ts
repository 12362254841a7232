import { setTimeout as sleep } from 'node:timers/promises'

import type pg from 'pg'

import { milliseconds } from '#kit/connect/connector.ts'

import type { Home } from './home.ts'
import { pull, type PulledSource } from './pull.ts'

/**
 * Visits the origins of feeds, each as often as it says, until it is disposed of. One at a time: what
 * comes waits in the inbox for the loader anyway. An origin that fails is visited again at its time.
 */
export function pollOrigins(
  pool: pg.Pool,
  home: Pick<Home, 'inbox'>,
  feeds: readonly PulledSource[],
  { onProblem, env }: { onProblem: (problem: string) => void; env?: NodeJS.ProcessEnv },
): AsyncDisposable {
  const controller = new AbortController()
  const { signal } = controller
  const dueAt = new Map(feeds.map(({ name }) => [name, 0]))

  async function poll() {
    while (feeds.length > 0 && !signal.aborted) {
      for (const source of feeds) {
        if (signal.aborted || (dueAt.get(source.name) ?? 0) > Date.now()) continue
        await visit(source)
        dueAt.set(source.name, Date.now() + milliseconds(source.from.every))
      }
      const waitMs = Math.min(...dueAt.values()) - Date.now()
      await sleep(Math.max(waitMs, 10), undefined, { signal }).catch(() => {})
    }
  }
  async function visit(source: PulledSource) {
    try {
      await pull(pool, home, source, { signal, ...(env && { env }) })
    } catch (error) {
      if (!signal.aborted) onProblem((error as Error).message)
    }
  }

  const polling = poll()
  return {
    async [Symbol.asyncDispose]() {
      controller.abort(new Error('stopped'))
      await polling
    },
  }
}
