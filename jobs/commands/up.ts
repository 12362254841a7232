import { once } from 'node:events'

import { sql } from 'kysely'

import { type DemoChoice, finishDemo, isDemo, isInboxEmpty, placeDemo } from '../demo.ts'
import { startRun } from '../engine/run.ts'
import { bringUpToDate } from '../engine/watch.ts'
import { type Home, homeOf } from '../home.ts'
import { beTheOnlyOne } from '../only-one.ts'
import { interruption } from '../postgres/interruption.ts'
import { openWarehouse } from '../postgres/warehouse.ts'
import { announce, cubeSecret } from '../runtime.ts'
import { bold, faint, notable } from '../terminal/colour.ts'
import { exitCodes } from '../terminal/mistakes.ts'
import { followRuns, requireSuccess, runWords } from '../terminal/run-progress.ts'
import { stage } from '../terminal/stage.ts'
import { displayBytes, displaySeconds } from '../terminal/values.ts'
import { openWorks, type Works } from '../worker.ts'
import { printAddresses, printHeadlines, printNext, printQuarantine } from './up-summary.ts'

/** What was typed after `recoup up`. */
export interface UpOptions extends DemoChoice {
  /** Leave after the table. */
  exit?: boolean
  /** Whether an empty warehouse gets the demo. */
  demo: boolean
  /** Cube's port; a free one when left out. */
  port?: number
}

/** `recoup up`, which is `npm start`: from an empty folder to a table of KPIs. */
export async function up(options: UpOptions): Promise<number> {
  using interrupted = interruption()
  const { signal } = interrupted
  const start = Date.now()
  try {
    await using open = new AsyncDisposableStack()
    await bringUp(open, options, signal)
    console.log(faint(`\nReady after ${displaySeconds(Date.now() - start)}.`))
    if (options.exit) return exitCodes.ok
    printNext()
    if (!signal.aborted) await once(signal, 'abort')
    console.log('Stopping.')
    return exitCodes.ok
  } catch (error) {
    if (!signal.aborted) throw error
    console.log('Stopped. What is loaded stays; the next npm start goes on from there.')
    return exitCodes.interrupted
  }
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
  await makeTables(open, works, { signal, stays: !options.exit })
  signal.throwIfAborted()

  const secret = cubeSecret()
  const cube = await stage(
    'Cube',
    async () => {
      const { startCube } = await import('#cube/server/start-cube.ts')
      const { port } = options
      const started = await startCube({ databaseUrl: url, secret, ...(port && { port }) })
      open.defer(() => started.close())
      return started
    },
    ({ url: address }) => address,
  )
  const startedAt = new Date().toISOString()
  open.use(announce(home, { pid: process.pid, startedAt, cubeUrl: cube.url, secret }))

  if (isDemo(home))
    console.log(`\n${notable('Synthetic data:')} a make-believe marketplace, not a real one.`)
  console.log(`\n${bold('How it stands')}\n`)
  await printHeadlines(works, cube.url, secret)
  await printQuarantine(works)
  printAddresses(cube.url, url, home)
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

/** Carries out what is stale. A Recoup that stays keeps a worker, for what other commands plan. */
async function makeTables(
  open: AsyncDisposableStack,
  works: Works,
  { signal, stays }: { signal: AbortSignal; stays: boolean },
) {
  const isStale = (await startRun(works.db, works.plan)) !== null
  if (!isStale && !stays) return
  open.use(await works.startWorker())
  if (!isStale) return
  await stage(
    'Tables',
    async (live) => {
      const follow = followRuns(live)
      requireSuccess(await bringUpToDate(works.db, works.plan, { ...follow, signal }))
      return follow.runs
    },
    runWords,
  )
}
