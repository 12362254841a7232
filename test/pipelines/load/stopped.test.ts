import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import type pg from 'pg'
import { expect } from 'vitest'

import type { LoadOptions } from '#kit/load/load-file.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'

import {
  arrowStream,
  arrowTable,
  gzipped,
  ndjsonOf,
  parquetOf,
  zstd,
} from '#test/pipelines/read/formats.ts'

import { test } from './feed-file.ts'
import { type MessyFile, messyFile, randomFrom } from './messy-file.ts'

/** Many batches of few rows, so that a load can be stopped between any two. */
const tiny = { batch: { rows: 1000, bytes: 1 << 20 }, backfillBytes: 0 } satisfies LoadOptions

/** Every row of the file is in the table, or is older than the one there, or in quarantine; once. */
async function expectAllThere(pool: pg.Pool, { rows, events, broken }: MessyFile) {
  const { rows: load } = await pool.query(
    `select rows_read, rows_new, rows_rejected, rows_new + rows_newer + rows_same + rows_rejected as sum,
            is_finished
     from raw.load`,
  )
  expect(load).toEqual([
    { rows_read: rows, rows_new: events, rows_rejected: broken, sum: rows, is_finished: true },
  ])
  const { rows: there } = await pool.query(
    `select (select count(*) from raw.fee_event) as rows,
            (select count(distinct source_event_id) from raw.fee_event) as events,
            (select count(*) from raw.quarantine) as quarantined`,
  )
  expect(there).toEqual([{ rows: events, events, quarantined: broken }])
}

/** Each row with the line it came from, in an order that does not depend on how it was loaded. */
async function fingerprint(pool: pg.Pool): Promise<unknown> {
  const { rows } = await pool.query(
    `select md5(string_agg(concat_ws('|', source_event_id, amount_minor, recorded_at, line), ',' order by source_event_id)) as print
     from raw.fee_event`,
  )
  return rows[0]
}

const formats: [string, (file: MessyFile) => Buffer][] = [
  ['CSV', ({ content }) => Buffer.from(content)],
  ['CSV in gzip', ({ content }) => gzipped(Buffer.from(content))],
  ['CSV in zstd', ({ content }) => zstd(Buffer.from(content))],
  ['NDJSON', ({ records }) => ndjsonOf(records)],
  ['Arrow', ({ records }) => arrowStream(arrowTable(records, 1500))],
  ['Parquet', ({ records }) => parquetOf(arrowTable(records), 3000)],
]

test.for(formats)(
  'a load that is stopped again and again goes on where it was, and ends as if it never had been (%s)',
  async ([, made], { loader, database: { pool } }) => {
    const file = messyFile(20_000)
    const path = loader.write('events', made(file))
    await loader.load(rawFeeEvent, path)
    await expectAllThere(pool, file)
    const inOneGo = await fingerprint(pool)
    await pool.query('truncate raw.fee_event, raw.load, raw.quarantine')

    const random = randomFrom(7)
    let wentOnAfter: number | null = null
    for (let attempt = 0; attempt < 100; attempt++) {
      const stop = new AbortController()
      // Packed files come in small pieces: some day a batch is full before the next stop.
      let pieces = Math.ceil(random() * 4) + Math.floor(attempt / 5)
      const load = loader.load(rawFeeEvent, path, {
        ...tiny,
        signal: stop.signal,
        onProgress: () => --pieces === 0 && stop.abort(new Error('stopped')),
      })
      const ended = await load.catch((error: Error) => {
        expect(error.message).toBe('stopped')
      })
      if (!ended) continue
      wentOnAfter = ended.wentOnAfter
      break
    }
    expect(wentOnAfter).toBeGreaterThan(1)
    await expectAllThere(pool, file)
    expect(await fingerprint(pool)).toEqual(inOneGo)
  },
)

test('a load whose session the server ends at any moment fails, and goes on when it is tried again', async ({
  loader,
  database: { pool },
}) => {
  const file = messyFile(40_000, 2)
  const path = loader.write('events.csv', file.content)
  const random = randomFrom(3)
  let failures = 0
  for (let attempt = 0; attempt < 50; attempt++) {
    let pieces = Math.ceil(random() * 4)
    const onProgress = () => {
      // It takes a moment, in which the load goes on to some place or other.
      if (--pieces === 0) endLoads(pool).catch(() => {})
    }
    const load = loader.load(rawFeeEvent, path, { ...tiny, onProgress })
    const ended = await load.catch((error: Error) => error)
    if (!(ended instanceof Error)) break
    failures++
  }
  expect(failures).toBeGreaterThan(0)
  await expectAllThere(pool, file)
  // Nothing of the failed loads is left that others would wait for.
  expect(pool.idleCount).toBe(pool.totalCount)
})

async function endLoads(pool: pg.Pool) {
  await pool.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database =
       (select oid from pg_database where datname = current_database())`,
  )
}

test('a process that is killed with no chance to tidy up leaves a load that goes on', async ({
  loader,
  database: { pool },
  url,
}) => {
  const file = messyFile(30_000, 3)
  const path = loader.write('events.csv', file.content)
  for (const rowsRead of [1, 9000, 18_000]) {
    const process = startLoad(url, path)
    await hasRead(process, rowsRead)
    process.kill('SIGKILL')
    await once(process, 'exit')
  }
  const last = startLoad(url, path)
  const [code] = await once(last, 'exit')
  expect(code).toBe(0)
  await expectAllThere(pool, file)
})

function startLoad(url: string, path: string): ChildProcess {
  const args = [url, 'fee_event', path, '1000']
  return fork(join(import.meta.dirname, 'load.process.ts'), args, { stdio: 'ignore' })
}

async function hasRead(process: ChildProcess, rows: number) {
  for (;;) {
    const [read] = await once(process, 'message')
    if (Number(read) >= rows) return
  }
}

test('two loads of one file at once are one load', async ({ loader, database: { pool } }) => {
  const file = messyFile(5000, 4)
  const path = loader.write('events.csv', file.content)
  const loads = await Promise.all([1, 2].map(() => loader.load(rawFeeEvent, path, tiny)))
  expect(loads.filter(({ alreadyLoaded }) => alreadyLoaded)).toHaveLength(1)
  await expectAllThere(pool, file)
})

test('a load waits for another of the feed, and can be stopped while it waits', async ({
  loader,
  database: { pool },
}) => {
  const path = loader.write('events.csv', messyFile(10).content)
  const other = await pool.connect()
  await other.query(`select pg_advisory_lock(hashtext('load'), hashtext('raw.fee_event'))`)
  const load = loader.load(rawFeeEvent, path, { signal: AbortSignal.timeout(200) })
  await expect(load).rejects.toMatchObject({ name: 'TimeoutError' })
  await other.query('select pg_advisory_unlock_all()')
  other.release()
  expect(await loader.load(rawFeeEvent, path)).toMatchObject({ rowsRead: 10 })
})

test('rows that somebody else writes meanwhile are met like any others', async ({
  loader,
  database: { pool },
}) => {
  const file = messyFile(20_000, 5)
  const path = loader.write('events.csv', file.content)
  let intrusion: Promise<unknown> | undefined
  // Events of the middle of the file, newer than the file's and older.
  const intrude = () =>
    pool.query(
      `insert into raw.fee_event
         (source, source_event_id, fee_id, event_type, occurred_at, recorded_at, amount_minor,
          amount_kind, currency, load_id, line)
       select 'epr_ledger', 'E' || n, 'F1', 'disputed', now(), '2026-10-14T08:00Z'::timestamptz
         + (n % 2) * interval '1 day', 0, 'delta', 'EUR', 0, 0
       from generate_series(9000, 9999) as n`,
    )
  const load = await loader.load(rawFeeEvent, path, {
    ...tiny,
    onProgress: () => {
      intrusion ??= intrude()
    },
  })
  await intrusion
  expect(load).toMatchObject({ rowsRead: file.rows, rowsNew: file.events - 1000 })
  const { rowsNew, rowsNewer, rowsSame, rowsRejected } = load
  expect(rowsNew + rowsNewer + rowsSame + rowsRejected).toBe(file.rows)
  const { rows } = await pool.query(
    `select count(*) as all, count(*) filter (where load_id = 0) as intruded from raw.fee_event`,
  )
  expect(rows).toEqual([{ all: file.events, intruded: 500 }])
})

test('a file that fills an empty table in one transaction leaves what batches leave', async ({
  loader,
  database: { pool },
}) => {
  const path = loader.write('events.csv', messyFile(20_000, 6).content)
  const atOnce = await loader.load(rawFeeEvent, path, { batch: tiny.batch })
  const left = await fingerprint(pool)
  await pool.query('truncate raw.fee_event, raw.quarantine; delete from raw.load')
  const inBatches = await loader.load(rawFeeEvent, path, tiny)
  // Of three versions of a row, how many were newer depends on which met in one batch.
  const { rowsRead, rowsNew, rowsRejected } = inBatches
  expect(atOnce).toMatchObject({ rowsRead, rowsNew, rowsRejected })
  expect(await fingerprint(pool)).toEqual(left)
  const { rows } = await pool.query(
    `select conname from pg_constraint where conrelid = 'raw.fee_event'::regclass and contype = 'p'`,
  )
  expect(rows).toEqual([{ conname: 'fee_event_pkey' }])
})
