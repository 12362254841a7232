import type { Pool } from 'pg'

import type { Ending } from '#jobs/engine/observe/ending.ts'
import type { RunningWorker } from '#jobs/engine/worker.ts'

import { aliveness, readiness } from './health.ts'
import { startOpsServer } from './server.ts'
import { snapshots } from './snapshot.ts'

/** Where operations are answered. */
export interface OpsAddress {
  host: string
  port: number
}

/** What those who watch over a worker ask it: `/healthz`, `/readyz`, `/metrics`. */
export interface Ops {
  onEnding: (ending: Ending) => void
  /** Starts to answer. */
  watch: (worker: RunningWorker, pool: Pool) => Promise<{ url: string } & AsyncDisposable>
}

/** Opens them; what counts and formats is loaded only for workers that are watched. */
export async function openOps(address: OpsAddress, pools: readonly string[]): Promise<Ops> {
  const { openMetrics } = await import('./metrics.ts')
  const metrics = openMetrics(pools)
  return {
    onEnding: metrics.count,
    async watch(worker, pool) {
      const alive = aliveness()
      const snapshot = snapshots(pool)
      const answers = {
        '/healthz': alive.answer,
        '/readyz': () => readiness(worker, pool),
        '/metrics': async () => {
          const now = await snapshot().catch(() => undefined)
          return { status: 200, body: await metrics.text(now), type: metrics.contentType }
        },
      }
      const server = await startOpsServer(answers, address)
      return {
        url: server.url,
        async [Symbol.asyncDispose]() {
          await server[Symbol.asyncDispose]()
          alive[Symbol.dispose]()
        },
      }
    },
  }
}
