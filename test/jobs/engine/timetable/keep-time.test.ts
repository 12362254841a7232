import { createPostgresBackend, Queue } from 'bullmq'
import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'

import type { AnyDatabase } from '#kit/asset.ts'

import { keepTime } from '#jobs/engine/timetable/keep-time.ts'
import { cleanUp } from '#jobs/engine/timetable/clean-up.ts'
import { tick } from '#jobs/engine/timetable/tick.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { connect } from '#jobs/postgres/pool.ts'
import { test } from '#test/kit/database.ts'

import { below, createTables, numbers, Outside, shifted } from '../kit.ts'
import { byDay, morning, openShop, runsOf, ticking } from './kit.ts'

const sales = byDay()

const made = (db: Kysely<AnyDatabase>) => async () => {
  const { rows } = await sql<{ days: number }>`
    select count(*) as days from engine.partition_state where asset = 'mart.by_day'`.execute(db)
  return rows[0]?.days
}

async function emptyQueue(url: string) {
  const connection = { connectionString: url, max: 2 }
  const queue = new Queue('warehouse', { connection }, createPostgresBackend)
  await queue.obliterate({ force: true })
  await queue.close()
}

test('two processes keep the time, and what is due is made once, though the queue was emptied', async ({
  db,
  url,
}) => {
  await openShop(db, [sales])
  const { timetable, plan } = ticking([morning], [sales])
  let now = new Date('2026-11-24T12:00:00Z')
  const problems: string[] = []
  const options = {
    timetable,
    plan,
    channels: [],
    everyMs: 20,
    clock: () => now,
    onProblem: (problem: string) => problems.push(problem),
  }
  await using open = new AsyncDisposableStack()
  open.use(await startWorker({ url, assets: [sales], intake: new Outside(), reconcileMs: 200 }))
  for (let process = 0; process < 2; process++) {
    const connection = open.use(connect(url, { max: 3 }))
    open.use(keepTime(connection.db, options))
  }
  const seen = async () => (await sql`select from engine.schedule`.execute(db)).rows.length
  await expect.poll(seen).toBe(1)
  await emptyQueue(url)

  now = new Date('2026-11-25T05:00:00Z')
  await expect.poll(made(db), { timeout: 10_000 }).toBe(5)
  now = new Date('2026-11-26T05:00:00Z')
  await expect.poll(made(db), { timeout: 10_000 }).toBe(6)

  const runs = await runsOf(db)
  expect(runs.map(({ by }) => by)).toEqual(['morning', 'morning'])
  expect(problems).toEqual([])
})

test('what is wrong reaches people, and keeping the time ends at once', async ({ db, url }) => {
  const fees = numbers('raw.fees')
  const facts = shifted('mart.facts', [fees], {
    checks: [below(100, 'mart.facts', 'error')],
    retry: { limit: 1, backoffMs: 0 },
  })
  const assets = [fees, facts]
  await createTables(db, assets)
  const outside = new Outside()
  outside.put('raw.fees', 500)
  const told: string[] = []
  await using _worker = await startWorker({ url, assets, intake: outside })
  await using connection = connect(url, { max: 3 })
  let now = Date.now()
  process.env.RECOUP_ALERT_SLACK = 'https://example.org/hook'
  try {
    await using _time = keepTime(connection.db, {
      ...ticking([], assets),
      plan: { assets, hasNews: outside.hasNews },
      channels: [
        {
          name: 'slack',
          to: 'the test',
          async send({ notice }) {
            told.push(`${notice.kind}: ${notice.title}`)
            return undefined
          },
        },
      ],
      everyMs: 20,
      // Ten times as fast as the real one.
      clock: () => new Date((now += 200)),
      onProblem: () => {},
    })
    await expect.poll(() => told, { timeout: 12_000 }).toEqual(['raised: mart.facts failed'])
  } finally {
    delete process.env.RECOUP_ALERT_SLACK
  }
})

test('a problem of one duty does not keep the others from being done', async ({ db }) => {
  const fees = numbers('raw.fees')
  await sql`
    insert into engine.partition_state (asset, partition, version, changed, reads, rows, run)
    values ('raw.fees', '', 1, 1, '{}', 0, 1)`.execute(db)
  const errors: unknown[] = []

  const looks = await tick(db, {
    ...ticking([], [fees]),
    plan: { assets: [fees], hasNews: () => Promise.reject(new Error('The inbox is away.')) },
    now: new Date(),
    signal: new AbortController().signal,
    onError: (error) => errors.push(error),
  })

  expect(looks).toEqual([])
  expect(errors).toEqual([new Error('The inbox is away.')])
  const { rows } = await sql`select name from engine.chore order by done_at, name`.execute(db)
  expect(rows).toEqual([{ name: 'clean up' }, { name: 'problems' }, { name: 'upkeep' }])
})

test('once a day what is old is forgotten, however much it is', async ({ db }) => {
  await sql`
    insert into engine.run (state, started_at, finished_at)
    select 'done', now() - interval '40 days', now() - interval '40 days' from generate_series(1, 25)`.execute(
    db,
  )
  await sql`
    insert into engine.alert (key, severity, title, body, about, resolved_at)
    select 'k' || n, 'error', '', '', '{}', now() - interval '40 days'
    from generate_series(1, 25) as n`.execute(db)
  const count = async () => {
    const { rows } =
      await sql`select id from engine.run union all select id from engine.alert`.execute(db)
    return rows.length
  }
  const { signal } = new AbortController()
  await cleanUp(db, { signal, atMost: 10 })
  expect(await count()).toBe(0)

  const time = ticking([], [])
  const old = () =>
    sql`insert into engine.run (state, finished_at) values ('done', now() - interval '40 days')`.execute(
      db,
    )
  await time.at(db, '2026-11-24T12:00:00Z')
  await old()
  await time.at(db, '2026-11-25T11:00:00Z')
  expect(await count()).toBe(1)
  await time.at(db, '2026-11-25T12:00:00Z')
  expect(await count()).toBe(0)
})
