import { sql } from 'kysely'
import { expect } from 'vitest'

import { startWorker } from '#jobs/engine/worker.ts'
import { waitForRun } from '#jobs/engine/watch.ts'
import { startRun } from '#jobs/engine/run.ts'
import { openOps } from '#jobs/ops/operate.ts'
import { connect } from '#jobs/postgres/pool.ts'
import { below, createTables, numbers, shifted } from '#test/jobs/engine/kit.ts'
import { test } from '#test/kit/database.ts'

import { outsideWithRows, until } from './kit.ts'

const feed = numbers('raw.feed')
const judged = shifted('mart.judged', [feed], { checks: [below(3, 'mart.judged', 'warning')] })
const assets = [feed, judged]
const address = { host: '127.0.0.1', port: 0 }

test('metrics count what the worker did, and what is left for all', async ({
  db,
  url,
  database,
}) => {
  await createTables(db, assets)
  const intake = outsideWithRows()
  const run = await startRun(db, { assets, hasNews: intake.hasNews })
  const ops = await openOps(address, ['warehouse'])
  await using worker = await startWorker({ url, assets, intake, onEnding: ops.onEnding })
  await using server = await ops.watch(worker, database.pool)
  await waitForRun(db, run!.id)
  await sql`
    insert into engine.run default values`.execute(db)
  await sql`
    insert into engine.step (run, asset, state, pending, ready_at)
    select max(id), 'raw.later', 'waiting', 0, null from engine.run`.execute(db)
  const lines = await until(async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    return text.includes('asset="mart.judged",pool=') && text.split('\n')
  })

  for (const line of [
    'recoup_steps_total{asset="raw.feed",pool="warehouse",state="done"} 1',
    'recoup_steps_total{asset="mart.judged",pool="warehouse",state="done"} 1',
    'recoup_rows_loaded_total{asset="mart.judged"} 2',
    'recoup_checks_broken_total{asset="mart.judged",severity="warning"} 1',
    'recoup_step_duration_seconds_count{asset="raw.feed",state="done"} 1',
    'recoup_pool_steps{pool="warehouse",state="waiting"} 1',
    'recoup_pool_steps{pool="warehouse",state="ready"} 0',
    'recoup_pool_oldest_ready_seconds{pool="warehouse"} 0',
    'recoup_runs_open 1',
    'recoup_outbox_waiting 0',
    'recoup_warehouse_up 1',
  ])
    expect(lines).toContain(line)
  expect(lines.some((line) => line.startsWith('process_resident_memory_bytes '))).toBe(true)
})

test('a worker is ready while it holds its presence and Postgres answers', async ({ db, url }) => {
  await createTables(db, assets)
  const ops = await openOps(address, ['warehouse'])
  await using worker = await startWorker({ url, assets, intake: outsideWithRows() })
  const own = connect(url, { max: 1 })
  await using server = await ops.watch(worker, own.pool)
  const get = async (path: string) => {
    const response = await fetch(`${server.url}${path}`)
    return { status: response.status, body: (await response.json()) as object }
  }

  expect(await get('/readyz')).toEqual({
    status: 200,
    body: { ready: true, worker: worker.worker, running: 0 },
  })
  expect(await get('/healthz')).toMatchObject({ status: 200, body: { alive: true } })
  expect(await get('/nothing')).toMatchObject({ status: 404 })

  await own.close()
  expect(await get('/readyz')).toMatchObject({
    status: 503,
    body: { ready: false, reasons: [expect.stringContaining('Cannot reach Postgres')] },
  })
  expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('recoup_warehouse_up 0')

  await worker.close()
  const closed = await get('/readyz')
  expect(closed.status).toBe(503)
  expect(JSON.stringify(closed.body)).toContain('The worker is closing')
  expect(await get('/healthz')).toMatchObject({ status: 200 })
})
