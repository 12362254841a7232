/** A worker of the product that knows one of the graphs here instead of the real assets. */
import { startWorker } from '#jobs/engine/worker.ts'

import { type GraphName, graphs } from './graphs.ts'
import type { WorkerErrand } from './workers.ts'

const { url, redisUrl, graph, slots } = JSON.parse(process.argv[2]!) as WorkerErrand

await startWorker({
  url,
  redisUrl,
  assets: graphs[graph satisfies GraphName](),
  intake: {
    fetch: async () => null,
    publish: async () => ({ rows: 0, changed: false, metadata: {} }),
  },
  pools: { warehouse: { perWorker: slots } },
  logger: console,
})
