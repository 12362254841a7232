import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { RunState } from '../states.ts'
import { nextDue } from './cron.ts'
import type { Timetable } from './timetable.ts'

/** A schedule or sensor as it stands, for people and programs. */
export interface Entry {
  kind: 'schedule' | 'sensor'
  name: string
  description: string
  /** In words: '30 6 * * MON-FRI Europe/Berlin', 'every 30 s'. */
  when: string
  select: string
  /** The units that it means. */
  units: string[]
  paused: boolean
  /** When it is due next, or looks next; null while it is paused. */
  next: string | null
  /** Up to when it was started, or when it looked; null: nothing has kept the time yet. */
  last: string | null
  lastRun: { id: number; state: RunState | 'forgotten'; startedAt: string | null } | null
  /** Why it failed the last time. */
  error: string | null
}

interface Row {
  kind: Entry['kind']
  name: string
  last: string | null
  paused: boolean
  error: string | null
  run: number | null
  state: RunState | null
  startedAt: string | null
}

/** All that runs by itself, in the order of jobs/schedule.ts: schedules, then sensors. */
export async function overviewOf(
  db: Kysely<AnyDatabase>,
  { schedules, sensors }: Timetable,
  now: Date,
): Promise<Entry[]> {
  const { rows } = await sql<Row>`
    select entry.*, run.state, run.started_at as "startedAt" from (
      select 'schedule' as kind, name, last_due_at as last, paused, error, last_run as run
      from engine.schedule
      union all
      select 'sensor', name, looked_at, paused, error, last_run from engine.sensor
    ) as entry left join engine.run on run.id = entry.run`.execute(db)
  const known = new Map(rows.map((row) => [`${row.kind} ${row.name}`, row]))
  return [...schedules, ...sensors].map((definition) => {
    const { kind, name, description, select, units } = definition
    const row = known.get(`${kind} ${name}`)
    const last = row?.last ?? null
    const next =
      definition.kind === 'schedule'
        ? nextDue(definition, now)
        : new Date(last === null ? now : Date.parse(last) + definition.everySeconds * 1000)
    return {
      kind,
      name,
      description,
      when:
        definition.kind === 'schedule'
          ? `${definition.cron} ${definition.zone}`
          : `every ${definition.everySeconds} s`,
      select,
      units: units.map((unit) => unit.name),
      paused: row?.paused ?? false,
      next: row?.paused ? null : next.toISOString(),
      last,
      lastRun: row?.run
        ? { id: row.run, state: row.state ?? 'forgotten', startedAt: row.startedAt }
        : null,
      error: row?.error ?? null,
    }
  })
}

/** Stops a schedule or sensor, or lets it go on from now; what is past is not made up for. */
export async function setPaused(
  db: Kysely<AnyDatabase>,
  { kind, name }: Pick<Entry, 'kind' | 'name'>,
  paused: boolean,
  now = new Date(),
): Promise<void> {
  if (kind === 'sensor')
    await sql`
      insert into engine.sensor (name, paused) values (${name}, ${paused})
      on conflict (name) do update set paused = excluded.paused, error = null, failures = 0`.execute(
      db,
    )
  else
    // A schedule that was never seen is new to whoever keeps the time, and then begins.
    await sql`
      insert into engine.schedule (name, timing, last_due_at, paused)
      values (${name}, '', ${now.toISOString()}, ${paused})
      on conflict (name) do update set paused = excluded.paused, last_due_at = excluded.last_due_at,
        error = null
      where schedule.paused <> excluded.paused`.execute(db)
}
