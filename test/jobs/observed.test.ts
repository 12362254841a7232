/** Feeds that are observed by partition: a file makes anew only the days that it has to do with. */
import { join } from 'node:path'

import fc from 'fast-check'
import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'
import type * as z from 'zod'

import type { AnyDatabase, Source } from '#kit/asset.ts'
import { whole } from '#kit/partitions/slice.ts'
import { replayQuarantine } from '#kit/load/replay.ts'
import { inOrder } from '#jobs/engine/graph.ts'
import { select } from '#jobs/engine/selection.ts'
import { startRun } from '#jobs/engine/run.ts'
import { waitForRun } from '#jobs/engine/watch.ts'
import { startWorker } from '#jobs/engine/worker.ts'
import { inboxOf } from '#jobs/inbox.ts'
import { assets as all } from '#jobs/worker.ts'
import { factPaymentEvent } from '#models/payments/fact-payment-event.ts'
import { rawPaymentEvent } from '#pipelines/payments/payment-event.ts'
import { rawMarketplace } from '#pipelines/reference/marketplace.ts'
import { rawMinorUnit } from '#pipelines/reference/minor-unit.ts'
import { land } from '#test/kit/rows.ts'
import { test as base } from '#test/pipelines/load/feed-file.ts'

const assets = inOrder(select('+fact_payment_event', all).flatMap(({ outputs }) => outputs))

const header =
  'source,source_event_id,payment_id,event_type,attempt_no,occurred_at,recorded_at,marketplace,' +
  'partner,method,outcome,reason_code,amount_minor,currency'

interface Event {
  id: string
  at: string
  recorded?: string
  marketplace?: string
  amount?: number
}

const line = ({ id, at, recorded = at, marketplace = 'DE', amount = 1000 }: Event) =>
  `gateway,${id},P${id},captured,,${at},${recorded},${marketplace},a,card,,,${amount},EUR`

const test = base.extend('payments', async ({ database, loader }, { onCleanup }) => {
  const { db, url } = database
  const { hasNews, intake } = inboxOf({ inbox: join(loader.folder, 'inbox') })
  await land(db, rawMarketplace, [
    place('DE', 'Europe/Berlin'),
    place('JP', 'Asia/Tokyo'),
    place('US', 'America/Los_Angeles'),
  ])
  await land(db, rawMinorUnit, [{ source: 'gateway', currency: 'EUR', exponent: 2 }])
  const worker = await startWorker({ url, assets, intake })
  onCleanup(() => worker.close())
  return {
    load: (...events: Event[]) => loader.loadLines(rawPaymentEvent, header, ...events.map(line)),
    /** Brings everything up to date; the result is the days of the fact that were made. */
    async settle() {
      const plan = { assets, hasNews: (source: Source) => hasNews(db, source) }
      const run = await startRun(db, plan)
      if (!run) return []
      expect((await waitForRun(db, run.id)).state).toBe('done')
      const { rows } = await sql<{ partition: string }>`
        select partition from engine.materialization
        where run = ${run.id} and asset = 'mart.fact_payment_event' order by 1`.execute(db)
      return rows.map(({ partition }) => partition)
    },
  }
})

const place = (
  marketplace: 'DE' | 'JP' | 'US',
  zone: string,
): z.input<typeof rawMarketplace.contract> => ({
  marketplace,
  country: marketplace,
  currency: 'EUR',
  zone,
  launched_on: '2022-07-01',
})

/** Rows that are in the table and not in what the query yields now, or the other way round. */
async function differences(db: Kysely<AnyDatabase>) {
  const columns = sql.join(
    Object.keys(factPaymentEvent.contract.shape).map((name) => sql.ref(name)),
  )
  const query = sql`select ${columns} from (${factPaymentEvent.query(db, whole)}) as fresh`
  const table = sql`select ${columns} from mart.fact_payment_event`
  const { rows } = await sql`
    (${table} except all ${query}) union all (${query} except all ${table})`.execute(db)
  return rows
}

test('a file makes anew the days it has rows of, and the ones around, and no others', async ({
  payments,
  db,
}) => {
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '2', at: '2026-01-20T12:00:00Z' },
    { id: '3', at: '2026-01-30T12:00:00Z' },
  )
  expect(await payments.settle()).toHaveLength(9)
  await payments.load({ id: '4', at: '2026-01-20T23:30:00Z', marketplace: 'JP' })

  expect(await payments.settle()).toEqual(['2026-01-19', '2026-01-20', '2026-01-21'])

  expect(await differences(db)).toEqual([])
  const { rows } = await sql`
    select source_event_id as id, business_date as day from mart.fact_payment_event order by 1`.execute(
    db,
  )
  expect(rows).toEqual([
    { id: '1', day: '2026-01-10' },
    { id: '2', day: '2026-01-20' },
    { id: '3', day: '2026-01-30' },
    { id: '4', day: '2026-01-21' },
  ])
  expect(await payments.settle()).toEqual([])
})

test('a correction that moves a row to another day empties the day it was on', async ({
  payments,
  db,
}) => {
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '2', at: '2026-01-20T12:00:00Z' },
  )
  await payments.settle()
  await payments.load({ id: '1', at: '2026-01-15T12:00:00Z', recorded: '2026-02-01T00:00:00Z' })

  expect(await payments.settle()).toEqual([
    '2026-01-09',
    '2026-01-10',
    '2026-01-11',
    '2026-01-14',
    '2026-01-15',
    '2026-01-16',
  ])

  expect(await differences(db)).toEqual([])
})

test('rows that are known already make nothing anew', async ({ payments, db }) => {
  await payments.load({ id: '1', at: '2026-01-10T12:00:00Z' })
  await payments.settle()
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '9', at: '2026-03-01T12:00:00Z' },
  )

  expect(await payments.settle()).toEqual(['2026-02-28', '2026-03-01', '2026-03-02'])
  expect(await differences(db)).toEqual([])
})

test('a row that leaves the quarantine makes its day anew', async ({
  payments,
  db,
  database,
  loader,
}) => {
  await payments.load({ id: '1', at: '2026-01-10T12:00:00Z' })
  const broken = line({ id: '2', at: '2026-01-20T12:00:00Z', marketplace: 'DE' })
  await loader.loadLines(rawPaymentEvent, header, broken.replace('card', 'cheque'))
  await payments.settle()
  await sql`update raw.quarantine set raw_text = ${broken}`.execute(db)

  expect(await replayQuarantine(database.pool, rawPaymentEvent)).toMatchObject({ accepted: 1 })

  expect(await payments.settle()).toEqual(['2026-01-19', '2026-01-20', '2026-01-21'])
  expect(await differences(db)).toEqual([])
})

test('of a warehouse from before, all days are made, once', async ({ payments, db }) => {
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '2', at: '2026-01-20T12:00:00Z' },
  )
  await payments.settle()
  // As it was when the fact was one piece and nobody asked for days.
  await sql`delete from engine.partition_state where partition <> ''`.execute(db)

  expect(await payments.settle()).toHaveLength(6)
  expect(await differences(db)).toEqual([])
  expect(await payments.settle()).toEqual([])
})

test('an event of the year 9999 is one day more, not three million', async ({ payments, db }) => {
  await payments.load(
    { id: '1', at: '2026-01-10T12:00:00Z' },
    { id: '2', at: '9999-06-01T12:00:00Z' },
  )

  expect(await payments.settle()).toEqual([
    '2026-01-09',
    '2026-01-10',
    '2026-01-11',
    '9999-05-31',
    '9999-06-01',
    '9999-06-02',
  ])
  expect(await differences(db)).toEqual([])
})

const someEvent = fc.record({
  id: fc.constantFrom('1', '2', '3', '4', '5', '6'),
  at: fc
    .integer({ min: 0, max: 20 * 24 })
    .map((hours) => new Date(Date.UTC(2026, 0, 1, hours)).toISOString()),
  recorded: fc
    .integer({ min: 0, max: 30 })
    .map((days) => new Date(Date.UTC(2026, 1, 1 + days)).toISOString()),
  marketplace: fc.constantFrom('DE', 'JP', 'US'),
  amount: fc.integer({ min: 1, max: 3 }),
})

test('whatever files come in whatever order, the fact is what it would be from the beginning', async ({
  payments,
  db,
}) => {
  const files = fc.array(fc.array(someEvent, { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 4,
  })
  await fc.assert(
    fc.asyncProperty(files, async (contents) => {
      for (const events of contents) {
        await payments.load(...events)
        await payments.settle()
        expect(await differences(db)).toEqual([])
      }
    }),
    { numRuns: 15 },
  )
})
