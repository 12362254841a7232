import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

import { sql } from 'kysely'

import { sources } from '#pipelines/sources.ts'

import { openCube } from '../cube.ts'
import { type DemoChoice, finishDemo, isDemo, isInboxEmpty, placeDemo } from '../demo.ts'
import { staleUnits, startRun } from '../engine/run.ts'
import { startExportServer } from '../export/serve.ts'
import { type Home, homeOf } from '../home.ts'
import { beTheOnlyOne } from '../only-one.ts'
import { openLog } from '../ops/log.ts'
import { logFile } from '../ops/log-file.ts'
import { pollOrigins } from '../poll-origins.ts'
import { interruption } from '../postgres/interruption.ts'
import { openWarehouse } from '../postgres/warehouse.ts'
import { isPulled } from '../pull.ts'
import { announce, cubeSecret } from '../runtime.ts'
import { openSqlEndpoint } from '../sql-endpoint.ts'
import { bold, faint, notable } from '../terminal/colour.ts'
import { exitCodes } from '../terminal/mistakes.ts'
import { stage } from '../terminal/stage.ts'
import { displayBytes, displaySeconds } from '../terminal/values.ts'
import { watchInbox } from '../watch-inbox.ts'
import { openWorks, readTimetable, type Works } from '../worker.ts'
import { makeTables } from './make-tables.ts'
import { printAddresses, printHeadlines, printNext, printQuarantine } from './up-summary.ts'

/** What was typed after `recoup up`. */
export interface UpOptions extends DemoChoice {
  /** Leave after the table. */
  exit?: boolean
  /** Whether an empty warehouse gets the demo. */
  demo: boolean
  /** Cube's port; a free one when left out. */
  port?: number
  /** The port of exports; a free one when left out. */
  exportPort?: number
  /** The port of SQL for BI tools; 15432 when left out, or a free one where that is taken. */
  sqlPort?: number
}

/** `recoup up`, which is `npm start`: from an empty folder to a table of KPIs. */
export async function up(options: UpOptions): Promise<number> {
  readTimetable()
  using interrupted = interruption()
  const { signal } = interrupted
  const start = Date.now()
  try {
    await using open = new AsyncDisposableStack()
    const works = await bringUp(open, options, signal)
    console.log(faint(`\nReady after ${displaySeconds(Date.now() - start)}.`))
    if (options.exit) return exitCodes.ok
    printNext()
    // Stays for what other commands plan, and for what comes.
    const logger = openLog(logFile(join(homeOf().folder, 'worker.log')))
    open.use(await works.startWorker({ logger }))
    keepLoading(open, works)
    if (!signal.aborted) await once(signal, 'abort')
    console.log('Stopping.')
    return exitCodes.ok
  } catch (error) {
    if (!signal.aborted) throw error
    console.log('Stopped. What is loaded stays; the next npm start goes on from there.')
    return exitCodes.interrupted
  }
}

/** Fetches from the origins of feeds, starts a run when files come into the inbox, and keeps the time. */
function keepLoading(open: AsyncDisposableStack, { pool, db, plan, keepTime }: Works) {
  const home = homeOf()
  const onProblem = logTo(join(home.folder, 'pull.log'))
  const onArrival = async () => {
    const run = await startRun(db, plan)
    // One that was under way may have looked into the inbox before.
    return !run?.resumed
  }
  open.use(watchInbox(home.inbox, { onArrival, onProblem }))
  open.use(pollOrigins(pool, home, sources.filter(isPulled), { onProblem }))
  open.use(keepTime(logTo(join(home.folder, 'schedule.log'))))
}

async function bringUp(open: AsyncDisposableStack, options: UpOptions, signal: AbortSignal) {
  const home = homeOf()
  const { works, url } = await stage(
    'Warehouse',
    () => openAll(open, home),
    ({ words }) => words,
  )
  signal.throwIfAborted()

  await placeDemoIfEmpty(works, home, options, signal)
  if (await hasWork(works)) await makeTables(works, signal)
  signal.throwIfAborted()

  const secret = cubeSecret()
  const onProblem = logTo(join(home.folder, 'cube.log'))
  const cube = await stage(
    'Cube',
    async () => {
      const { port } = options
      return open.use(
        await openCube({ databaseUrl: url, secret, onProblem, ...(port && { port }) }),
      )
    },
    ({ url: address }) => address,
  )
  const files = { databaseUrl: url, cubeUrl: cube.url, secret, onProblem }
  const exports = open.use(
    await startExportServer({ ...files, ...(options.exportPort && { port: options.exportPort }) }),
  )
  const sqlEndpoint = open.use(
    await openSqlEndpoint({
      cube,
      databaseUrl: url,
      secret,
      onProblem,
      ...(options.sqlPort !== undefined && { port: options.sqlPort }),
    }),
  )
  const startedAt = new Date().toISOString()
  const addresses = { cubeUrl: cube.url, exportUrl: exports.url, sqlPort: sqlEndpoint.port }
  open.use(announce(home, { pid: process.pid, startedAt, ...addresses, secret }))

  if (isDemo(home))
    console.log(`\n${notable('Synthetic data:')} a make-believe marketplace, not a real one.`)
  console.log(`\n${bold('How it stands')}\n`)
  await printHeadlines(works, cube.url, secret)
  await printQuarantine(works)
  if (!options.exit) printAddresses(addresses, url, home)
  return works
}

/** What goes wrong while it serves others is nothing to print over a table. */
function logTo(file: string) {
  return (problem: string) => appendFileSync(file, `${new Date().toISOString()} ${problem}\n`)
}

async function openAll(open: AsyncDisposableStack, home: Home) {
  const warehouse = open.use(await openWarehouse())
  open.use(await beTheOnlyOne(warehouse.url, home))
  const works = open.use(await openWorks(warehouse.url, home))
  const { rows } = await works.pool.query<{ server_version: string }>('show server_version')
  const version = rows[0]?.server_version.split(' ')[0]
  const { url } = warehouse
  return { works, url, words: `PostgreSQL ${version} on ${new URL(url).host}` }
}

/** An empty warehouse with nothing waiting for it gets the demo; a half-placed demo is finished. */
async function placeDemoIfEmpty(
  works: Works,
  home: Home,
  { demo, preset, seed }: UpOptions,
  signal: AbortSignal,
) {
  const isWanted = demo && isInboxEmpty(home) && (await isWarehouseEmpty(works))
  if (!isWanted) return finishDemo(home)
  await stage(
    'Demo data',
    (live) =>
      placeDemo(
        home,
        { preset, seed },
        {
          signal,
          onProgress: (fraction, note) => live.show({ fraction, note }),
        },
      ),
    ({ files, bytes }) =>
      `${files} files, ${displayBytes(bytes)}, synthetic (preset ${preset}, seed ${seed})`,
  )
}

async function isWarehouseEmpty({ db }: Works): Promise<boolean> {
  const { rows } = await sql<{ loads: boolean }>`
    select exists (select from raw.load) as loads`.execute(db)
  return !rows[0]?.loads
}

/** Whether a run was left under way, or one is due. */
async function hasWork({ db, plan }: Works): Promise<boolean> {
  const { rows } = await sql`select from engine.run where state = 'running'`.execute(db)
  return rows.length > 0 || (await staleUnits(db, plan)).size > 0
}
