/** One measurement in a process of its own: connected first, then timed. Prints one line of JSON. */
import { Client } from 'pg'

import { madeUp } from '../feeds/index.ts'
import { copyWithClient } from './bare-copy.ts'
import { peakMemory } from './cpu.ts'
import { openProduct } from '../product.ts'
import type { Errand, Told } from './run-case.ts'

const { url, path, feed, bare, cache } = JSON.parse(process.argv[2]!) as Errand

if (bare) {
  const client = new Client({ connectionString: url })
  await client.connect()
  await timed(async () => {
    await copyWithClient(client, path, bare)
    return null
  })
  await client.end()
} else {
  await using product = await openProduct(url, madeUp(feed).source, { cache })
  await timed(async () => {
    const { rowsRead, rowsNew, rowsNewer, rowsSame, rowsRejected } = await product.load(path)
    return { rowsRead, rowsNew, rowsNewer, rowsSame, rowsRejected }
  })
}

async function timed(work: () => Promise<Told['landed']>) {
  const memory: number[] = []
  const watch = setInterval(() => memory.push(process.memoryUsage.rss()), 250)
  const cpu = process.cpuUsage()
  const start = performance.now()
  const landed = await work()
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  clearInterval(watch)
  const told: Told = {
    seconds,
    clientCpu: (user + system) / 1e6,
    peakBytes: peakMemory(),
    memory,
    landed,
  }
  console.log(JSON.stringify(told))
}
