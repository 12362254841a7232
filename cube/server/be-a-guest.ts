import { fromCube } from './cube-packages.ts'

/**
 * Cube expects a process of its own. In ours it must not print on stdout, where `recoup kpi`
 * prints its answer, and must not keep the process alive once it is closed.
 */
export function beAGuest() {
  const cli = fromCube('@cubejs-backend/shared/dist/src/cli') as { displayCLIWarning: unknown }
  cli.displayCLIWarning = () => {}

  const { LocalQueueDriverConnection: connection } = fromCube(
    '@cubejs-backend/query-orchestrator/dist/src/orchestrator/LocalQueueDriverConnection',
  ) as { LocalQueueDriverConnection: { prototype: Waiter } }
  if (tamed.has(connection)) return
  tamed.add(connection)
  const waitForResult = connection.prototype.getResultBlocking
  connection.prototype.getResultBlocking = function (...args) {
    return withTimersThatLetGo(() => waitForResult.apply(this, args))
  }
}

interface Waiter {
  getResultBlocking: (this: Waiter, ...args: unknown[]) => unknown
}

const tamed = new WeakSet<object>()

/** Each answer leaves its time-out running to the end; there is no handle to clear it by. */
function withTimersThatLetGo<T>(start: () => T): T {
  const { setTimeout } = globalThis
  const unreferenced = (...args: Parameters<typeof setTimeout>) => setTimeout(...args).unref()
  globalThis.setTimeout = Object.assign(unreferenced, setTimeout)
  try {
    return start()
  } finally {
    globalThis.setTimeout = setTimeout
  }
}
