/** A worker as `recoup worker` runs one, for tests that send it signals. */
import { startWorker } from '#jobs/engine/worker.ts'
import { openLog } from '#jobs/ops/log.ts'
import { runWorker } from '#jobs/ops/run-worker.ts'
import { connect } from '#jobs/postgres/pool.ts'
import { Outside } from '#test/jobs/engine/kit.ts'
import { feed, napping } from '#test/jobs/engine/napping.ts'

const [url = '', grace = '30'] = process.argv.slice(2)
const outside = new Outside()
outside.put('raw.feed', 1, 2)
await using warehouse = connect(url, { max: 2 })
process.exitCode = await runWorker({
  logger: openLog(process.stdout),
  pool: warehouse.pool,
  pools: ['warehouse'],
  graceSeconds: Number(grace),
  ops: { host: '127.0.0.1', port: 0 },
  start: (observers) =>
    startWorker({ url, assets: [feed, napping], intake: outside, ...observers }),
})
