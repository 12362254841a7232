/** Loads one file in a process of its own, for tests that kill it: url, feed, path, and rows a batch. */
import { loadFile } from '#kit/load/load-file.ts'
import { feedName } from '#kit/read/header.ts'
import { connect } from '#jobs/postgres/pool.ts'
import { sources } from '#pipelines/sources.ts'

const [url = '', feed = '', path = '', rows = ''] = process.argv.slice(2)
const source = sources.find((one) => feedName(one) === feed)!
await using connection = connect(url)
const batch = rows ? { batch: { rows: Number(rows), bytes: 32 << 20 }, backfillBytes: 0 } : {}
const start = performance.now()
const load = await loadFile(connection.pool, source, path, {
  ...batch,
  onProgress: ({ rows: read }) => process.send?.(read),
})
const cpu = process.cpuUsage()
const { maxRSS } = process.resourceUsage()
console.log(
  JSON.stringify({
    ...load,
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    peakMegabytes: maxRSS / 1024,
  }),
)
