import { type Kysely, sql } from 'kysely'

/**
 * The engine's truth. `partition` is '' for an asset that is materialized as a whole.
 * Steps and edges go with their run; materializations stay, so they name their run without a key.
 */
export async function up(db: Kysely<unknown>) {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table engine.run (
    id          int8 generated always as identity primary key,
    state       text not null default 'running'
                check (state in ('running', 'done', 'failed', 'cancelled')),
    started_at  timestamptz not null default now(),
    finished_at timestamptz
  )`,

  `create table engine.step (
    id          int8 generated always as identity primary key,
    run         int8 not null references engine.run on delete cascade,
    asset       text not null,
    partition   text not null default '',
    state       text not null check (state in ('blocked', 'ready', 'running', 'done', 'unchanged',
                                               'failed', 'skipped', 'cancelled')),
    reason      text,
    pending     int4 not null,
    attempt     int4 not null default 1,
    failures    int4 not null default 0,
    worker      int4,
    progress    float4 not null default 0,
    note        text,
    error       text,
    ready_at    timestamptz,
    started_at  timestamptz,
    finished_at timestamptz,
    unique (run, asset, partition)
  )`,
  `comment on column engine.step.reason is
    'Why it must run; null: only if something it reads changes'`,
  `comment on column engine.step.pending is 'Upstream steps of the run that have not ended'`,
  `comment on column engine.step.attempt is
    'The fence: only the attempt of this number may commit'`,
  `comment on column engine.step.worker is
    'Who runs it; a worker holds an advisory lock on its number for as long as it lives'`,
  `create index step_open on engine.step (state) where state in ('ready', 'running')`,

  `create table engine.edge (
    up   int8 not null references engine.step on delete cascade,
    down int8 not null references engine.step on delete cascade,
    primary key (up, down)
  )`,
  `create index edge_down on engine.edge (down)`,

  `create table engine.materialization (
    id           int8 generated always as identity primary key,
    run          int8 not null,
    asset        text not null,
    partition    text not null default '',
    code_version text,
    rows         int8 not null,
    changed      boolean not null,
    reads        jsonb not null,
    metadata     jsonb not null,
    started_at   timestamptz not null default now(),
    finished_at  timestamptz not null default clock_timestamp(),
    unique (run, asset, partition)
  )`,
  `comment on column engine.materialization.reads is
    'For each asset it read, the newest materialization it is sure to have seen'`,
  `create index materialization_latest on engine.materialization (asset, partition, id desc)`,

  `create table engine.check_result (
    id         int8 generated always as identity primary key,
    run        int8 not null,
    asset      text not null,
    partition  text not null default '',
    name       text not null,
    severity   text not null check (severity in ('error', 'warning')),
    broken     int8 not null,
    sample     jsonb not null,
    checked_at timestamptz not null default clock_timestamp()
  )`,
  `create index check_result_asset on engine.check_result (asset, partition, id desc)`,

  `create sequence engine.worker_id as int4 cycle`,
]
