/** BullMQ by itself: jobs that do nothing, in bulk and each adding the next. Prints what it measured. */
import { randomUUID } from 'node:crypto'

import { createPostgresBackend, Queue, Worker } from 'bullmq'

import type { Peer, PeerErrand } from './peer.ts'

const { url, redisUrl, jobs, hops, slots } = JSON.parse(process.argv[2]!) as PeerErrand
const name = `peer-${randomUUID()}`
const removal = { removeOnComplete: true, removeOnFail: true }
const connection = { connectionString: url, schema: 'bullmq', migrate: true, max: 2 + slots }
const queue = redisUrl
  ? new Queue(name, { connection: { url: redisUrl } })
  : new Queue(name, { connection }, createPostgresBackend)
await queue.waitUntilReady()

let left = 0
let ended = Promise.withResolvers<void>()
const handle = async ({ data }: { data: { hopsLeft: number } }) => {
  if (data.hopsLeft > 0) await queue.add('hop', { hopsLeft: data.hopsLeft - 1 }, removal)
  if (--left === 0) ended.resolve()
}
const options = { concurrency: slots, autorun: false }
const worker = redisUrl
  ? new Worker(name, handle, {
      ...options,
      connection: { url: redisUrl, maxRetriesPerRequest: null },
    })
  : new Worker(name, handle, { ...options, connection }, createPostgresBackend)
await worker.waitUntilReady()

for (let place = 0; place < jobs; place += 1000) {
  const number = Math.min(1000, jobs - place)
  const bulk = Array.from({ length: number }, () => ({
    name: 'job',
    data: { hopsLeft: 0 },
    opts: removal,
  }))
  await queue.addBulk(bulk)
}
left = jobs
let start = performance.now()
void worker.run()
await ended.promise
const perSecond = (jobs / (performance.now() - start)) * 1000

ended = Promise.withResolvers<void>()
left = hops
start = performance.now()
await queue.add('hop', { hopsLeft: hops - 1 }, removal)
await ended.promise
const hopMs = (performance.now() - start) / hops

await worker.close()
await queue.close()
console.log(JSON.stringify({ perSecond, hopMs } satisfies Peer))
