import { giveBackAtRest } from '../give-back.ts'
import { openLog } from '../ops/log.ts'
import type { OpsAddress } from '../ops/operate.ts'
import { runWorker } from '../ops/run-worker.ts'
import { pools } from '../pools.ts'
import { openWarehouse } from '../postgres/warehouse.ts'
import { openWorks, readTimetable } from '../worker.ts'

/** What was typed after `recoup worker`. */
export interface WorkerCommand {
  /** Seconds that steps under way have to end. */
  grace: number
  /** The port of /healthz, /readyz and /metrics. */
  opsPort?: number
  opsHost: string
}

/** `recoup worker`: takes steps until it is stopped; as many as wanted, on as many machines. */
export async function worker({ grace, opsPort, opsHost }: WorkerCommand): Promise<number> {
  const logger = openLog(process.stdout)
  readTimetable()
  await using warehouse = await openWarehouse()
  await using works = await openWorks(warehouse.url)
  using _memory = giveBackAtRest()
  const ops: OpsAddress | undefined =
    opsPort === undefined ? undefined : { host: opsHost, port: opsPort }
  return await runWorker({
    logger,
    pool: works.pool,
    pools: Object.keys(pools),
    graceSeconds: grace,
    ops,
    start: works.startWorker,
    keepTime: () => works.keepTime((problem) => logger.warn({}, problem)),
  })
}
