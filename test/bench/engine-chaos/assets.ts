/** Partitioned tables on top of the real ones, in every shape that a mapping can have. */
import { type Kysely, sql } from 'kysely'
import * as z from 'zod'

import { type AnyDatabase, type Asset, computed, model, type Readable } from '#kit/asset.ts'
import { count, day, text } from '#kit/columns.ts'
import { daily, oneOf, weekly } from '#kit/partitions/dimension.ts'
import { inSlice } from '#kit/partitions/in-slice.ts'
import { mapped, window } from '#kit/partitions/mapping.ts'
import type { Slice } from '#kit/partitions/slice.ts'
import { factPaymentEvent } from '#models/payments/fact-payment-event.ts'
import { MARKETPLACES } from '#pipelines/reference/codes.ts'

/** What is made of the payment events of 120 days of the small demo. */
export const range = { from: '2026-07-30', to: '2026-11-26' }

const byDay = { day: daily({ from: range.from }) }
const amounts = { events: count(), amount: count() }
const contract = z.object({ day: day(), ...amounts })

/** Seconds a query takes, so that there is a moment to strike it. */
const nap = sql<boolean>`(select pg_sleep(0.02)::text) = ''`

/** Not by themselves: only a backfill makes them, and each partition of it once. */
const common = { automatic: false, description: 'Payment events, for chaos.' }

const marketplaceDay = model({
  ...common,
  name: 'mart.chaos_marketplace_day',
  contract: z.object({ marketplace: text(40), day: day(), ...amounts }),
  grain: ['marketplace', 'day'],
  partitionedBy: { marketplace: oneOf(MARKETPLACES), day: daily({ from: range.from }) },
  reads: [factPaymentEvent],
  query: (db, slice) =>
    db
      .selectFrom('mart.fact_payment_event as e')
      .where(nap)
      .where(({ ref }) =>
        inSlice({ day: ref('e.business_date'), value: ref('e.marketplace') }, slice),
      )
      .groupBy(['e.marketplace', 'e.business_date'])
      .select(({ fn }) => [
        'e.marketplace',
        'e.business_date as day',
        fn.countAll<number>().as('events'),
        sql<number>`coalesce(sum(e.amount_minor), 0)::int8`.as('amount'),
      ]),
})

/** The whole table is asked for too, to say which code makes it; it is never made as a whole. */
const daysOf = ({ days }: Slice) => days ?? range

type Daily<Name extends string> = Readable<Name, typeof contract>

/** Adds up the days that each of its own reads. */
function summed<const Name extends `mart.${string}`>(
  name: Name,
  reads: readonly Daily<string>[],
  { batch = 1, before = 0 } = {},
) {
  return model({
    ...common,
    name,
    contract,
    grain: ['day'],
    partitionedBy: byDay,
    batch,
    reads: before > 0 ? reads.map((read) => mapped(read, window(before, 0))) : reads,
    query: (db: Kysely<AnyDatabase>, slice: Slice) => {
      const { from, to } = daysOf(slice)
      const tables = reads.map(
        ({ name: table }) => sql`
          select own::date as day, sum(r.events)::int8 as events, sum(r.amount)::int8 as amount
          from generate_series(${from}::date, ${to}::date - 1, '1 day') as own
          join ${sql.table(table)} as r on r.day between own::date - ${before}::int and own::date
          where ${nap} group by 1`,
      )
      return db
        .selectFrom(sql<z.output<typeof contract>>`(${sql.join(tables, sql` union all `)})`.as('r'))
        .groupBy('r.day')
        .select(['r.day', sql<number>`sum(r.events)::int8`.as('events')])
        .select(sql<number>`sum(r.amount)::int8`.as('amount'))
    },
  })
}

const allDay = summed('mart.chaos_day', [marketplaceDay])
const left = summed('mart.chaos_left', [allDay])
const right = summed('mart.chaos_right', [allDay], { before: 2 })

/** Where both ways from the day meet; a day that is in raw.chaos_bad must not pass. */
const diamond = {
  ...summed('mart.chaos_diamond', [left, right]),
  checks: [
    {
      name: 'no day is bad',
      severity: 'error' as const,
      because: 'What derives from a bad day would be bad and nobody would know.',
      broken: (db: Kysely<AnyDatabase>) =>
        db
          .selectFrom('mart.chaos_diamond as d')
          .innerJoin('raw.chaos_bad as b', 'b.day', 'd.day')
          .select('d.day'),
    },
  ],
}

const batched = summed('mart.chaos_batched', [allDay], { batch: 7 })

const week = model({
  ...common,
  name: 'mart.chaos_week',
  contract,
  grain: ['day'],
  partitionedBy: { day: weekly({ from: range.from }) },
  reads: [diamond],
  query: (db: Kysely<AnyDatabase>, slice: Slice) =>
    db
      .selectFrom('mart.chaos_diamond as d')
      .where(nap)
      .where(({ ref }) => inSlice({ day: ref('d.day') }, slice))
      .groupBy(sql`date_trunc('week', d.day)`)
      .select([
        sql<string>`date_trunc('week', min(d.day))::date`.as('day'),
        sql<number>`sum(d.events)::int8`.as('events'),
        sql<number>`sum(d.amount)::int8`.as('amount'),
      ]),
})

/** Writes a line each time it is loaded and takes none away: a load that took effect twice would show. */
const journal = computed({
  ...common,
  name: 'mart.chaos_journal',
  contract: z.object({ day: day(), events: count() }),
  grain: ['day'],
  partitionedBy: byDay,
  reads: [left],
  version: '1',
  async load(tx: Kysely<AnyDatabase>, _extracted, { slice }) {
    await sql`
      insert into mart.chaos_journal (day, events)
      select ${daysOf(slice).from}::date, coalesce(sum(events), 0) from mart.chaos_left where day = ${daysOf(slice).from}::date and ${nap}`.execute(
      tx,
    )
    return { rows: 1 }
  },
})

export const chaosAssets: readonly Asset[] = [
  marketplaceDay,
  allDay,
  left,
  right,
  diamond,
  batched,
  week,
  journal,
]

/** The table that says which days are bad, and the journal without a key: it may hold a day many times. */
export const extraTables = [
  'create table raw.chaos_bad (day date primary key)',
  'alter table mart.chaos_journal drop constraint chaos_journal_pkey',
]
