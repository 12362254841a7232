/** A worker in a process of its own, for tests that kill it. */
import { setTimeout as sleep } from 'node:timers/promises'

import { startWorker } from '#jobs/engine/worker.ts'

import { Outside } from './kit.ts'
import { feed, napping } from './napping.ts'

const [url, redisUrl, load] = process.argv.slice(2)
const outside = new Outside()
outside.put('raw.feed', 1, 2)
outside.during = async () => {
  if (load === 'hangs') await sleep(60_000)
}
await startWorker({
  url: url!,
  redisUrl: redisUrl || undefined,
  assets: [feed, napping],
  intake: outside,
  logger: console,
})
