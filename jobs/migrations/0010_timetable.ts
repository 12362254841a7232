import { type Kysely, sql } from 'kysely'

/** What is due when, and how far was looked; and what makes finding problems cheap. */
export async function up(db: Kysely<unknown>) {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table engine.schedule (
    name        text primary key,
    timing      text not null,
    last_due_at timestamptz not null,
    last_run    int8,
    paused      boolean not null default false,
    error       text
  )`,
  `comment on column engine.schedule.timing is
    'Its cron expression and zone; of another one the past is none of its business'`,
  `comment on column engine.schedule.last_due_at is
    'Up to here it was started; at first the time that it was first seen'`,
  `comment on column engine.schedule.error is 'Why it could not be started the last time'`,

  `create table engine.sensor (
    name      text primary key,
    cursor    jsonb,
    looked_at timestamptz,
    last_run  int8,
    paused    boolean not null default false,
    error     text,
    failures  int4 not null default 0
  )`,
  `comment on column engine.sensor.cursor is
    'How far it has looked, in its own words; changes only together with the run it starts'`,
  `comment on column engine.sensor.error is 'Why its last look failed'`,
  `comment on column engine.sensor.failures is 'How many looks failed one after the other'`,

  `create table engine.chore (
    name    text primary key,
    done_at timestamptz not null
  )`,
  `comment on table engine.chore is 'What one process does every so often for all of them'`,

  `create index step_failed on engine.step (asset, id) where state = 'failed'`,
  `create index check_result_broken on engine.check_result (asset, name, id) where broken > 0`,
]
