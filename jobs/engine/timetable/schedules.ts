import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { messageOf } from '../errors.ts'
import { type PlanOptions, startRunIn } from '../run.ts'
import { newestDue } from './cron.ts'
import type { Schedule } from './definition.ts'
import type { Selecting } from './timetable.ts'

type Db = Kysely<AnyDatabase>

interface Row {
  name: string
  timing: string
  lastDueAt: string
  paused: boolean
}

/**
 * Starts one run for every schedule that was due since it was last started, however often it was, of
 * what is missing or stale then. One seen for the first time, or with another timing, waits for its
 * next time. Any number of processes may.
 */
export async function startDue(
  db: Db,
  schedules: readonly Selecting<Schedule>[],
  { now, plan }: { now: Date; plan: Omit<PlanOptions, 'now'> },
): Promise<void> {
  if (schedules.length === 0) return
  const rows = new Map((await rowsOf(db)).map((row) => [row.name, row]))
  await enrol(
    db,
    schedules.filter((schedule) => rows.get(schedule.name)?.timing !== timingOf(schedule)),
    now,
  )
  for (const schedule of schedules) {
    const row = rows.get(schedule.name)
    if (!row || row.timing !== timingOf(schedule) || row.paused) continue
    if (!newestDue(schedule, new Date(row.lastDueAt), now)) continue
    try {
      await startOne(db, schedule, { now, plan })
    } catch (error) {
      // It stays due. Others go on.
      await sql`
        update engine.schedule set error = ${messageOf(error)} where name = ${schedule.name}`.execute(
        db,
      )
    }
  }
}

async function startOne(
  db: Db,
  schedule: Selecting<Schedule>,
  { now, plan }: { now: Date; plan: Omit<PlanOptions, 'now'> },
) {
  const { name, units } = schedule
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ lastDueAt: string }>`
      select last_due_at as "lastDueAt" from engine.schedule
      where name = ${name} and not paused for update`.execute(tx)
    // Another process may have been quicker.
    const due = rows[0] && newestDue(schedule, new Date(rows[0].lastDueAt), now)
    if (!due) return
    const only = new Set(units.map((unit) => unit.name))
    const run = await startRunIn(
      tx,
      { ...plan, now },
      { kind: 'schedule', request: { schedule: name }, only },
    )
    // A run of an earlier time is still under way: it stays due until that has ended.
    if (run?.resumed) return
    await sql`
      update engine.schedule
      set last_due_at = ${due.toISOString()}, last_run = coalesce(${run?.id ?? null}, last_run),
          error = null
      where name = ${name}`.execute(tx)
  })
}

async function rowsOf(db: Db): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select name, timing, last_due_at as "lastDueAt", paused from engine.schedule`.execute(db)
  return rows
}

async function enrol(db: Db, schedules: readonly Schedule[], now: Date): Promise<void> {
  if (schedules.length === 0) return
  await sql`
    insert into engine.schedule (name, timing, last_due_at)
    select name, timing, ${now.toISOString()}::timestamptz
    from unnest(${schedules.map(({ name }) => name)}::text[], ${schedules.map(timingOf)}::text[])
      as schedule (name, timing)
    on conflict (name) do update
      set timing = excluded.timing, last_due_at = excluded.last_due_at, error = null
      where schedule.timing <> excluded.timing`.execute(db)
}

function timingOf({ cron, zone }: Schedule): string {
  return `${cron} ${zone}`
}
