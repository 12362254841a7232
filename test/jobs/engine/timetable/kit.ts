import { type Kysely, sql } from 'kysely'
import * as z from 'zod'

import { type AnyDatabase, type Asset, model } from '#kit/asset.ts'
import { count, day } from '#kit/columns.ts'
import { daily } from '#kit/partitions/dimension.ts'
import { createTableSql } from '#kit/table.ts'
import { type Schedule, schedule, type Sensor } from '#jobs/engine/timetable/definition.ts'
import { tick } from '#jobs/engine/timetable/tick.ts'
import { timetableOf } from '#jobs/engine/timetable/timetable.ts'

/** Makes the days of the shop that ended, at six. */
export const morning = schedule({
  name: 'morning',
  description: 'Sales of the days that ended.',
  cron: '0 6 * * *',
  zone: 'Europe/Berlin',
  select: 'by_day',
})

/** What a shop sold, a row a day of Berlin, from a table that stands for the outside. */
export function byDay(options: Partial<Pick<Asset, 'freshHours' | 'owner'>> = {}) {
  const { freshHours, owner } = options
  return model({
    name: 'mart.by_day',
    description: 'Sales of a day.',
    contract: z.object({ day: day(), sold: count() }),
    grain: ['day'],
    reads: [],
    automatic: false,
    partitionedBy: { day: daily({ zone: 'Europe/Berlin', from: '2026-11-20' }) },
    ...(freshHours && { freshHours }),
    ...(owner && { owner }),
    query: (db: Kysely<AnyDatabase>) => db.selectFrom('raw.till').select(['day', 'sold']),
  })
}

export async function openShop(db: Kysely<AnyDatabase>, assets: readonly Asset[]) {
  await sql`create table raw.till (day date, sold int)`.execute(db)
  for (const asset of assets) await sql.raw(createTableSql(asset)).execute(db)
}

/** The runs that started by themselves, each with the schedule or sensor it was started for. */
export async function runsOf(db: Kysely<AnyDatabase>) {
  const { rows } = await sql<{ kind: string; by: string | null; state: string }>`
    select kind, coalesce(request->>'schedule', request->>'sensor') as by, state
    from engine.run where kind <> 'run' order by id`.execute(db)
  return rows
}

/** Ends the runs there are as if their steps had been done, without a worker. */
export async function endRuns(db: Kysely<AnyDatabase>) {
  await sql`update engine.step set state = 'done' where state in ('ready', 'blocked')`.execute(db)
  await sql`update engine.run set state = 'done', finished_at = now()`.execute(db)
}

/** What a tick is told, of assets without an outside. */
export function ticking(definitions: readonly (Schedule | Sensor)[], assets: readonly Asset[]) {
  const plan = { assets, hasNews: async () => false }
  const timetable = timetableOf(definitions, assets)
  const { signal } = new AbortController()
  const onError = (error: unknown) => {
    throw error
  }
  return {
    timetable,
    plan,
    /** One tick at a time of the clock, with all looks that it starts. */
    async at(db: Kysely<AnyDatabase>, now: string) {
      const looks = await tick(db, { timetable, plan, now: new Date(now), signal, onError })
      await Promise.all(looks)
    },
  }
}
