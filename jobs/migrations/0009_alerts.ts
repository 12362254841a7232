import { type Kysely, sql } from 'kysely'

/** What is wrong, or was, and the notices of it on their way to people. */
export async function up(db: Kysely<unknown>) {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table engine.alert (
    id           int8 generated always as identity primary key,
    key          text not null,
    severity     text not null check (severity in ('error', 'warning')),
    title        text not null,
    body         text not null,
    about        jsonb not null,
    times        int4 not null default 1,
    relapses     int4 not null default 0,
    raised_at    timestamptz not null default clock_timestamp(),
    last_seen_at timestamptz not null default clock_timestamp(),
    resolved_at  timestamptz,
    calm_at      timestamptz,
    note         text
  )`,
  `comment on table engine.alert is 'One row per thing that went wrong, from its beginning to its end'`,
  `comment on column engine.alert.key is 'What is wrong; of one key at most one is open'`,
  `comment on column engine.alert.times is 'How often it was seen while open'`,
  `comment on column engine.alert.relapses is
    'How often it came back soon after its end; each doubles how long it must be gone to be told gone'`,
  `comment on column engine.alert.calm_at is
    'When its end is told, unless it comes back before; then it was never closed'`,
  `create unique index alert_open on engine.alert (key) where resolved_at is null`,
  `create index alert_key on engine.alert (key, id)`,

  `create table engine.outbox (
    id         int8 generated always as identity primary key,
    notice     uuid not null,
    alert      int8 not null references engine.alert on delete cascade,
    key        text not null,
    channel    text not null,
    content    jsonb not null,
    state      text not null default 'waiting' check (state in ('waiting', 'sent', 'given up')),
    tries      int4 not null default 0,
    due_at     timestamptz not null,
    expires_at timestamptz not null,
    ended_at   timestamptz,
    error      text,
    unique (notice, channel)
  )`,
  `comment on table engine.outbox is 'One notice on its way through one channel'`,
  `comment on column engine.outbox.notice is
    'The same in all channels and at every try; a receiver drops what it has seen'`,
  `comment on column engine.outbox.due_at is
    'When it is tried next; while it is being sent, when others may take it for lost'`,
  `comment on column engine.outbox.expires_at is 'A try that fails after it is the last'`,
  `create index outbox_waiting on engine.outbox (channel, due_at) where state = 'waiting'`,
  `create index outbox_alert on engine.outbox (alert)`,
]
