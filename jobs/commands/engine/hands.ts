import { listWorkers, liveWorkers, type WorkerOverview } from '../../engine/overview/workers.ts'
import type { RunningWorker } from '../../engine/worker.ts'
import type { Works } from '../../worker.ts'

/** Who works on the run that a command waits for. */
export interface Hands extends AsyncDisposable {
  /** Starts a worker in this process if none is alive: one may end while the run goes on. */
  ensure: () => Promise<void>
  /** The workers of other processes. */
  others: () => Promise<WorkerOverview[]>
}

const everyMs = 3_000

/** Others do the work if there are any; else this process does. */
export function handsFor(works: Works): Hands {
  let own: RunningWorker | undefined
  let next = 0
  return {
    async ensure() {
      if (own || Date.now() < next) return
      next = Date.now() + everyMs
      if ((await liveWorkers(works.db)).length === 0) own = await works.startWorker()
    },
    async others() {
      const workers = await listWorkers(works.db)
      return workers.filter(({ isAlive, pid }) => isAlive && (!own || pid !== process.pid))
    },
    async [Symbol.asyncDispose]() {
      await own?.close()
    },
  }
}
