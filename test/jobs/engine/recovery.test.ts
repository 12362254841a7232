import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { createPostgresBackend, Queue } from 'bullmq'
import { type Kysely, sql } from 'kysely'
import { expect, onTestFinished } from 'vitest'

import type { AnyDatabase } from '#kit/asset.ts'
import { startRun } from '#jobs/engine/run.ts'
import { claim } from '#jobs/engine/claim.ts'
import { unitsOf } from '#jobs/engine/graph.ts'
import { runStep } from '#jobs/engine/step.ts'
import { runStatus, waitForRun } from '#jobs/engine/watch.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { test } from '#test/kit/database.ts'

import {
  createTables,
  numbers,
  isBuilding,
  numbersIn,
  onBothQueues,
  Outside,
  shifted,
  statesOf,
} from './kit.ts'
import { feed, napping } from './napping.ts'

const assets = [feed, napping]

onBothQueues((redisUrl) => {
  test('a worker killed in the middle of a load is replaced, and the rows are there once', async ({
    db,
    url,
  }) => {
    await createTables(db, [feed, napping])
    await nap(db, 0)
    const outside = new Outside()
    outside.put('raw.feed', 1, 2)
    const run = await startRun(db, { assets, hasNews: outside.hasNews })
    const killed = startProcess(url, redisUrl())
    await reaches(db, run!.id, { 'raw.feed': 'running' })

    await kill(killed)
    const since = Date.now()
    await using _worker = await startWorker({
      url,
      redisUrl: redisUrl(),
      assets,
      intake: outside,
    })
    const done = await waitForRun(db, run!.id)

    expect(done.state).toBe('done')
    expect(Date.now() - since).toBeLessThan(5_000)
    expect(await numbersIn(db, 'raw.feed')).toEqual([1, 2])
    expect(await numbersIn(db, 'mart.napping')).toEqual([1, 2])
    expect(await materializations(db)).toEqual([
      { asset: 'mart.napping', times: 1 },
      { asset: 'raw.feed', times: 1 },
    ])
  })

  test('a query that outlives its killed worker does not hold up the next one', async ({
    db,
    url,
  }) => {
    await createTables(db, [feed, napping])
    await nap(db, 60)
    const outside = new Outside()
    const run = await startRun(db, { assets, hasNews: outside.hasNews })
    const killed = startProcess(url, redisUrl(), 'ends')
    await building(db, 'mart.napping')

    await kill(killed)
    await nap(db, 0)
    const since = Date.now()
    await using _worker = await startWorker({
      url,
      redisUrl: redisUrl(),
      assets,
      intake: outside,
    })
    const done = await waitForRun(db, run!.id)

    expect(done.state).toBe('done')
    expect(Date.now() - since).toBeLessThan(5_000)
    expect(await numbersIn(db, 'mart.napping')).toEqual([1, 2])
  })

  test('a worker that lives on takes over from one that was killed', async ({ db, url }) => {
    await createTables(db, [feed, napping])
    await nap(db, 0)
    const outside = new Outside()
    outside.put('raw.feed', 1, 2)
    const run = await startRun(db, { assets, hasNews: outside.hasNews })
    const killed = startProcess(url, redisUrl())
    await reaches(db, run!.id, { 'raw.feed': 'running' })
    await using _worker = await startWorker({
      url,
      redisUrl: redisUrl(),
      assets,
      intake: outside,
      reconcileMs: 500,
    })

    await kill(killed)

    expect((await waitForRun(db, run!.id)).state).toBe('done')
    expect(await numbersIn(db, 'raw.feed')).toEqual([1, 2])
  })

  test('a queue emptied in the middle of a run loses nothing', async ({ db, url }) => {
    const waiting = numbers('raw.waiting')
    const after = shifted('mart.after', [feed, waiting])
    await createTables(db, [feed, waiting, after])
    const outside = new Outside()
    outside.put('raw.feed', 1)
    outside.put('raw.waiting', 2)
    const emptied = Promise.withResolvers<void>()
    outside.during = async () => emptied.promise
    await using _worker = await startWorker({
      url,
      redisUrl: redisUrl(),
      assets: [feed, waiting, after],
      intake: outside,
      concurrency: 1,
      reconcileMs: 500,
    })
    const plan = { assets: [feed, waiting, after], hasNews: outside.hasNews }
    const run = await startRun(db, plan)
    await reaches(db, run!.id, { 'raw.feed': 'running', 'raw.waiting': 'ready' })

    await emptyQueue(url, redisUrl())
    emptied.resolve()

    expect(statesOf(await waitForRun(db, run!.id))).toEqual({
      'raw.feed': 'done',
      'raw.waiting': 'done',
      'mart.after': 'done',
    })
    expect(await numbersIn(db, 'mart.after')).toEqual([2, 3])
  })

  test('a worker that closes gives its load back at once, and the next one finishes it', async ({
    db,
    url,
  }) => {
    await createTables(db, [feed, napping])
    await nap(db, 60)
    const outside = new Outside()
    outside.put('raw.feed', 1)
    const options = { url, redisUrl: redisUrl(), assets, intake: outside }
    const closing = await startWorker(options)
    const run = await startRun(db, { assets, hasNews: outside.hasNews })
    await building(db, 'mart.napping')

    const since = Date.now()
    await closing.close()
    expect(Date.now() - since).toBeLessThan(1_500)
    expect(await runStatus(db, run!.id)).toMatchObject({
      state: 'running',
      steps: [{ state: 'done' }, { state: 'ready', failures: 0 }],
    })

    await nap(db, 0)
    await using _worker = await startWorker(options)
    expect((await waitForRun(db, run!.id)).state).toBe('done')
    expect(await numbersIn(db, 'mart.napping')).toEqual([1])
  })

  test('a worker goes on after Postgres ended all its sessions', async ({ db, url }) => {
    await createTables(db, [feed, napping])
    await nap(db, 1)
    const outside = new Outside()
    outside.put('raw.feed', 1)
    await using _worker = await startWorker({
      url,
      redisUrl: redisUrl(),
      assets,
      intake: outside,
      reconcileMs: 1_000,
    })
    const run = await startRun(db, { assets, hasNews: outside.hasNews })
    await building(db, 'mart.napping')

    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(db)

    expect((await waitForRun(db, run!.id)).state).toBe('done')
    expect(await numbersIn(db, 'mart.napping')).toEqual([1])
  })
})

test('an attempt that lost its step cannot commit, however late it ends', async ({ database }) => {
  const { db, pool } = database
  await createTables(db, [feed])
  const outside = new Outside()
  outside.put('raw.feed', 1)
  const run = await startRun(db, { assets: [feed], hasNews: outside.hasNews })
  const claimed = { worker: 1, pool: 'warehouse', worstPriority: 0 }
  const step = await claim(pool, claimed)
  outside.during = async () => {
    await db.updateTable('engine.step').set({ attempt: 2, state: 'ready' }).execute()
  }
  const units = new Map(unitsOf([feed]).map((unit) => [unit.name, unit]))
  const workshop = { db, pool, units, byName: new Map([['raw.feed', feed]]), intake: outside }

  await expect(runStep(workshop, step!, new AbortController().signal)).rejects.toThrow(
    'Attempt 1 at raw.feed no longer owns its step.',
  )

  expect(await numbersIn(db, 'raw.feed')).toEqual([])
  expect(statesOf(await runStatus(db, run!.id))).toEqual({ 'raw.feed': 'ready' })
  expect(await db.selectFrom('engine.materialization').selectAll().execute()).toEqual([])
})

async function nap(db: Kysely<AnyDatabase>, seconds: number) {
  await sql`create table if not exists raw.nap (n int)`.execute(db)
  await sql`delete from raw.nap`.execute(db)
  await sql`insert into raw.nap values (${seconds})`.execute(db)
}

async function reaches(db: Kysely<AnyDatabase>, run: number, states: Record<string, string>) {
  await expect
    .poll(async () => statesOf(await runStatus(db, run)), { interval: 20, timeout: 10_000 })
    .toMatchObject(states)
}

async function building(db: Kysely<AnyDatabase>, table: string) {
  await expect.poll(() => isBuilding(db, table), { interval: 20, timeout: 10_000 }).toBe(true)
}

async function materializations(db: Kysely<AnyDatabase>) {
  return await db
    .selectFrom('engine.materialization')
    .select(['asset', (eb) => eb.fn.countAll<number>().as('times')])
    .groupBy('asset')
    .orderBy('asset')
    .execute()
}

function startProcess(url: string, redisUrl = '', load: 'hangs' | 'ends' = 'hangs'): ChildProcess {
  const script = join(import.meta.dirname, 'worker.process.ts')
  const worker = spawn(process.execPath, [script, url, redisUrl, load], { stdio: 'inherit' })
  onTestFinished(() => void worker.kill('SIGKILL'))
  return worker
}

async function kill(worker: ChildProcess) {
  const exit = once(worker, 'exit')
  worker.kill('SIGKILL')
  await exit
}

async function emptyQueue(url: string, redisUrl: string | undefined) {
  const queue = redisUrl
    ? new Queue('warehouse', {
        connection: { url: redisUrl },
        prefix: `recoup${new URL(url).pathname}`,
      })
    : new Queue(
        'warehouse',
        { connection: { connectionString: url, max: 2 } },
        createPostgresBackend,
      )
  await queue.obliterate({ force: true })
  await queue.close()
}
