import type { Asset } from '#kit/asset.ts'
import { models } from '#models/models.ts'
import { rawPaymentEvent } from '#pipelines/payments/payment-event.ts'
import { sources } from '#pipelines/sources.ts'

import { channelsOf } from './alerts/channels.ts'
import { endWithTheProcess } from './engine/presence.ts'
import type { PlanOptions } from './engine/run.ts'
import { keepTime } from './engine/timetable/keep-time.ts'
import { timetableOf } from './engine/timetable/timetable.ts'
import { type RunningWorker, startWorker, type WorkerOptions } from './engine/worker.ts'
import { homeOf, type Home } from './home.ts'
import { inboxOf } from './inbox.ts'
import { createTables } from './postgres/create-tables.ts'
import { migrate } from './postgres/migrate.ts'
import { connect, type Connection } from './postgres/pool.ts'
import { pools } from './pools.ts'
import { definitions } from './schedule.ts'

const references = sources.filter(({ distributeBy }) => distributeBy === null)

/**
 * Everything Recoup keeps up to date: the feeds, and the tables that derive from them. What comes
 * first starts first: the small feeds, which every fact waits for, then payment events, which begin
 * the longest way through the graph.
 */
export const assets: readonly Asset[] = [
  ...new Set([...references, rawPaymentEvent, ...sources, ...models]),
]

/** Who is told what a worker does. */
type Observers = Pick<WorkerOptions, 'logger' | 'tracing' | 'onBeginning' | 'onEnding'>

/** The warehouse at its newest schema, with what is needed to plan runs and to carry them out. */
export interface Works extends Connection<unknown> {
  plan: PlanOptions
  /** Starts to take steps. Any number of processes may; each step is done by one. */
  startWorker: (observers?: Observers) => Promise<RunningWorker>
  /** Starts what jobs/schedule.ts says at its time, and tells people what is wrong. */
  keepTime: (onProblem: (problem: string) => void) => AsyncDisposable
}

/** The only place that opens connections for jobs. */
export async function openWorks(url: string, home: Home = homeOf()): Promise<Works> {
  const connection = connect(url, { max: 4 })
  try {
    await migrate(connection.db)
    await createTables(connection.db, assets)
  } catch (error) {
    await connection.close()
    throw error
  }
  const { hasNews, intake } = inboxOf(home)
  const plan: PlanOptions = { assets, hasNews: (source) => hasNews(connection.db, source) }
  return {
    ...connection,
    plan,
    startWorker: (observers) => startWorker({ url, assets, intake, pools, ...observers }),
    keepTime: (onProblem) => keepTimeOn(url, plan, onProblem),
  }
}

/** What runs at its time, and the ways to tell people; what is set up wrong is refused. */
export function readTimetable() {
  return { timetable: timetableOf(definitions, assets), channels: channelsOf() }
}

function keepTimeOn(url: string, plan: PlanOptions, onProblem: (problem: string) => void) {
  const { timetable, channels } = readTimetable()
  const { db, close } = connect(url, { max: 4, options: endWithTheProcess })
  const keeping = keepTime(db, { timetable, plan, channels, onProblem })
  return {
    async [Symbol.asyncDispose]() {
      await keeping[Symbol.asyncDispose]()
      await close()
    },
  }
}
