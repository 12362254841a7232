/** Payment events as they come, and the fact that is made of them. */
import { join } from 'node:path'

import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'
import type * as z from 'zod'

import type { AnyDatabase, Source } from '#kit/asset.ts'
import { whole } from '#kit/partitions/slice.ts'
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

export const header =
  'source,source_event_id,payment_id,event_type,attempt_no,occurred_at,recorded_at,marketplace,' +
  'partner,method,outcome,reason_code,amount_minor,currency'

interface Event {
  id: string
  at: string
  recorded?: string
  marketplace?: string
  amount?: number
}

/** An event as a line of the feed. */
export const line = ({ id, at, recorded = at, marketplace = 'DE', amount = 1000 }: Event) =>
  `gateway,${id},P${id},captured,,${at},${recorded},${marketplace},a,card,,,${amount},EUR`

export const test = base.extend('payments', async ({ database, loader }, { onCleanup }) => {
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
export async function differences(db: Kysely<AnyDatabase>) {
  const columns = sql.join(
    Object.keys(factPaymentEvent.contract.shape).map((name) => sql.ref(name)),
  )
  const query = sql`select ${columns} from (${factPaymentEvent.query(db, whole)}) as fresh`
  const table = sql`select ${columns} from mart.fact_payment_event`
  const { rows } = await sql`
    (${table} except all ${query}) union all (${query} except all ${table})`.execute(db)
  return rows
}
