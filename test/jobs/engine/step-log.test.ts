import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'

import { type AnyDatabase, computed, type ComputeContext, type Retry } from '#kit/asset.ts'
import { startRun } from '#jobs/engine/run.ts'
import { forgetOld } from '#jobs/engine/retention.ts'
import { waitForRun } from '#jobs/engine/watch.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { test } from '#test/kit/database.ts'

import { below, createTables, numbers, Outside, settle, shifted, statesOf } from './kit.ts'

const feed = numbers('raw.feed')
const plan = (...values: number[]) => {
  const outside = new Outside()
  outside.put('raw.feed', ...values)
  return outside
}

/** A table of code that says something of itself. */
function telling(
  tell: (context: ComputeContext, attempt: number) => Promise<void> | void,
  options: { retry?: Retry; timeoutMinutes?: number } = {},
) {
  let attempts = 0
  return computed({
    name: 'mart.telling',
    description: 'Numbers by code that logs.',
    contract: feed.contract,
    grain: ['n'],
    reads: [feed],
    version: '1',
    load: async (_tx, _extracted, context) => {
      await tell(context, ++attempts)
      return { rows: 0 }
    },
    ...options,
  })
}

async function logOf(db: Kysely<AnyDatabase>) {
  const { rows } = await sql`
    select asset, level, message, data
    from engine.log join engine.step on step.id = log.step order by log.id`.execute(db)
  return rows
}

test('steps that simply work write no line', async ({ db, database }) => {
  const assets = [feed, shifted('mart.plus', [feed])]
  await createTables(db, assets)

  await settle(database, assets, plan(1))

  expect(await logOf(db)).toEqual([])
})

test("lines of an asset's code are kept in their order, also of what Postgres cannot store", async ({
  db,
  database,
}) => {
  const round: { self?: object } = {}
  round.self = round
  const told = telling(({ log }) => {
    log('first', { rows: 10n, name: 'a\0b' })
    log('sec\0ond', round)
    for (let n = 0; n < 3_000; n++) log('many')
  })
  await createTables(db, [feed, told])

  await settle(database, [feed, told], plan(1))

  const lines = await logOf(db)
  expect(lines.slice(0, 2)).toEqual([
    { asset: 'mart.telling', level: 'info', message: 'first', data: { rows: '10', name: 'ab' } },
    {
      asset: 'mart.telling',
      level: 'info',
      message: 'second',
      data: { unreadable: expect.stringContaining('circular') },
    },
  ])
  expect(lines).toHaveLength(2_001)
  expect(lines.at(-1)).toMatchObject({ level: 'warn', message: '1002 more lines were left out.' })
})

test('lines can be read while their step still runs', async ({ db, url }) => {
  const seen = Promise.withResolvers<void>()
  const told = telling(async ({ log }) => {
    log('halfway')
    await seen.promise
  })
  const outside = plan(1)
  await createTables(db, [feed, told])
  const run = await startRun(db, { assets: [feed, told], hasNews: outside.hasNews })
  await using _worker = await startWorker({ url, assets: [feed, told], intake: outside })

  await expect.poll(() => logOf(db)).toMatchObject([{ message: 'halfway' }])
  seen.resolve()

  expect((await waitForRun(db, run!.id)).state).toBe('done')
})

test('a table for lines that is gone fails no step', async ({ db, database }) => {
  const told = telling(({ log }) => log('into the void'))
  await createTables(db, [feed, told])
  await sql`drop table engine.log`.execute(db)

  const run = await settle(database, [feed, told], plan(1))

  expect(statesOf(run)).toEqual({ 'raw.feed': 'done', 'mart.telling': 'done' })
})

test('an attempt made again is told with its reason and delay; the last one is in its step', async ({
  db,
  database,
}) => {
  const told = telling(
    async ({ signal }, attempt) => {
      if (attempt === 1) throw new Error('The partner is away.')
      if (attempt === 2) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        signal.throwIfAborted()
      }
      throw new Error('Still away.')
    },
    { retry: { limit: 3, backoffMs: 10 }, timeoutMinutes: 0.01 },
  )
  await createTables(db, [feed, told])

  const run = await settle(database, [feed, told], plan(1))

  expect(statesOf(run)).toEqual({ 'raw.feed': 'done', 'mart.telling': 'failed' })
  expect(await logOf(db)).toMatchObject([
    {
      level: 'warn',
      message: 'Attempt 1 failed and is made again in 0.01 s: The partner is away.',
      data: { attempt: 1, delayMs: 10 },
    },
    {
      level: 'warn',
      message:
        'Attempt 2 failed and is made again in 0.02 s: mart.telling took longer than its 0.01 minutes.',
    },
  ])
  expect(run?.steps.find(({ asset }) => asset === 'mart.telling')?.error).toBe('Still away.')
})

test('a broken warning is told with its count, and so are refused files', async ({
  db,
  database,
}) => {
  const judged = shifted('mart.judged', [feed], { checks: [below(3, 'mart.judged', 'warning')] })
  await createTables(db, [feed, judged])
  const outside = plan(1, 2, 3)
  const { publish } = outside
  outside.publish = async (...args) => ({
    ...(await publish(...args)),
    metadata: { refused: [{ file: 'fees.csv', reason: 'It has no column n.' }] },
  })

  await settle(database, [feed, judged], outside)

  expect(await logOf(db)).toEqual([
    {
      asset: 'raw.feed',
      level: 'warn',
      message: 'raw.feed: fees.csv was refused. It has no column n.',
      data: { file: 'fees.csv' },
    },
    {
      asset: 'mart.judged',
      level: 'warn',
      message:
        'mart.judged: 2 rows break the rule "every number is below 3" (larger ones do not fit).',
      data: { check: 'every number is below 3', broken: 2, first: { n: 3 } },
    },
  ])
})

test('a step taken back from a worker that is gone tells of it once', async ({ db, url }) => {
  await createTables(db, [feed])
  const outside = plan(1)
  const options = { assets: [feed], hasNews: outside.hasNews }
  const run = await startRun(db, options)
  await sql`update engine.step set state = 'running', worker = 4711`.execute(db)
  await using _one = await startWorker({ url, assets: [feed], intake: outside })
  await using _two = await startWorker({ url, assets: [feed], intake: outside })

  expect((await waitForRun(db, run!.id)).state).toBe('done')
  expect(await logOf(db)).toMatchObject([
    {
      level: 'warn',
      message: 'Worker 4711 ended without a word during attempt 1. Made again at once.',
    },
  ])
})

test('a worker is in the list while it lives; of a dead one the row goes after an hour', async ({
  db,
  url,
}) => {
  const workers = async () =>
    (await db.selectFrom('engine.worker').select('id').orderBy('id').execute()).map(({ id }) => id)
  const worker = await startWorker({ url, assets: [feed], intake: plan() })
  const number = worker.worker!
  await sql`
    insert into engine.worker (id, host, pid, concurrency, pools, seen_at) values
      (4711, 'gone', 1, 1, '{}', clock_timestamp() - interval '61 minutes'),
      (4712, 'just gone', 1, 1, '{}', clock_timestamp() - interval '59 minutes')`.execute(db)
  await sql`
    update engine.worker set seen_at = clock_timestamp() - interval '1 day'
    where id = ${number}`.execute(db)

  await forgetOld(db)
  expect(await workers()).toEqual([number, 4712])

  await worker.close()
  expect(await workers()).toEqual([4712])
})
