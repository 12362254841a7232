import { openLog } from './ops/log.ts'
import type { OpsAddress } from './ops/operate.ts'
import { runWorker } from './ops/run-worker.ts'
import type { WorkerCommand } from './commands/worker.ts'
import { pools } from './pools.ts'
import { openWarehouse } from './postgres/warehouse.ts'
import { report, wantsStacks } from './terminal/mistakes.ts'
import { survivePipes } from './terminal/pipes.ts'
import { beThrifty } from './thrift.ts'
import { openWorks, readTimetable } from './worker.ts'

/** The process that `recoup worker` becomes; what was typed comes as JSON. */
async function run({ grace, opsPort, opsHost }: WorkerCommand): Promise<number> {
  const logger = openLog(process.stdout)
  readTimetable()
  await using warehouse = await openWarehouse()
  await using works = await openWorks(warehouse.url)
  using thrift = beThrifty()
  const ops: OpsAddress | undefined =
    opsPort === undefined ? undefined : { host: opsHost, port: opsPort }
  return await runWorker({
    logger,
    pool: works.pool,
    pools: Object.keys(pools),
    graceSeconds: grace,
    ops,
    start: (observers) => works.startWorker({ ...observers, onBeginning: thrift.work }),
    keepTime: () => works.keepTime((problem) => logger.warn({}, problem)),
  })
}

process.title = 'recoup worker'
survivePipes()
try {
  process.exitCode = await run(JSON.parse(process.argv[2]!) as WorkerCommand)
} catch (error) {
  process.exitCode = report(error, { verbose: wantsStacks() })
}
