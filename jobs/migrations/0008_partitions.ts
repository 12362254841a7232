import { type Kysely, sql } from 'kysely'

/**
 * Partitions, backfills, pools and workers. `partition_state` is the newest materialization of every
 * partition, kept beside the history so that one read of it says what is stale.
 */
export async function up(db: Kysely<unknown>) {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table engine.run
    add kind       text not null default 'upkeep'
                   check (kind in ('upkeep', 'run', 'backfill', 'schedule', 'sensor')),
    add request    jsonb not null default '{}',
    add priority   int4 not null default 0,
    add at_once    int4 check (at_once > 0),
    add paused     boolean not null default false,
    add resumes    int8,
    add planned_at timestamptz not null default clock_timestamp()`,
  `comment on column engine.run.planned_at is 'The time that its partitions were due by'`,
  `comment on column engine.run.kind is
    'upkeep: whatever was stale. The others were asked for, by whom request says'`,
  `comment on column engine.run.at_once is
    'So many of its steps may be ready or running; null: all of them. Others wait'`,
  `comment on column engine.run.resumes is 'The run whose failed steps it does again'`,

  `alter table engine.step
    drop constraint step_state_check,
    add constraint step_state_check check (state in (
      'blocked', 'waiting', 'ready', 'running', 'done', 'unchanged', 'failed', 'skipped', 'cancelled'
    )),
    add keys     text[],
    add pool     text not null default 'warehouse',
    add priority int4 not null default 0,
    add rows     int8`,
  `comment on column engine.step.partition is
    'What it materializes, in words; empty: the whole, or of partitions all that are stale when it starts'`,
  `comment on column engine.step.keys is
    'The partitions; null: the whole, or all that are stale when it starts'`,
  `comment on column engine.step.state is
    'blocked: by steps it reads. waiting: for its run to let it start. ready: a worker may take it'`,
  `drop index engine.step_open`,
  `create index step_ready on engine.step (pool, priority, id) where state = 'ready'`,
  `create index step_running on engine.step (worker) where state = 'running'`,
  `create index step_open on engine.step (run, id)
    where state in ('blocked', 'waiting', 'ready', 'running')`,

  `create table engine.partition_state (
    asset           text not null,
    partition       text not null,
    version         int8 not null,
    changed         int8 not null,
    code_version    text,
    reads           jsonb not null,
    rows            int8 not null,
    run             int8 not null,
    materialized_at timestamptz not null default clock_timestamp(),
    primary key (asset, partition)
  )`,
  `comment on table engine.partition_state is
    'The newest materialization of every partition; partition is empty for an asset without'`,
  `comment on column engine.partition_state.version is 'Its number in engine.materialization'`,
  `comment on column engine.partition_state.changed is
    'The newest materialization that changed its rows; 0: none did'`,
  `insert into engine.partition_state
     (asset, partition, version, changed, code_version, reads, rows, run, materialized_at)
   select distinct on (asset, partition) asset, partition, id,
     coalesce((select max(id) from engine.materialization as m
       where m.asset = newest.asset and m.partition = newest.partition and m.changed), 0),
     code_version, reads, rows, run, finished_at
   from engine.materialization as newest order by asset, partition, id desc`,
  `drop index engine.materialization_latest`,
  `create index materialization_newest on engine.materialization (asset, id)`,

  `create table engine.worker (
    id          int4 primary key,
    host        text not null,
    pid         int4 not null,
    concurrency int4 not null,
    pools       text[] not null,
    started_at  timestamptz not null default clock_timestamp(),
    seen_at     timestamptz not null default clock_timestamp()
  )`,
  `comment on table engine.worker is
    'Who takes steps. A worker lives while it holds its advisory lock; seen_at is for people'`,

  `create table engine.log (
    id      int8 generated always as identity primary key,
    run     int8 not null references engine.run on delete cascade,
    step    int8 not null references engine.step on delete cascade,
    at      timestamptz not null,
    level   text not null check (level in ('debug', 'info', 'warn', 'error')),
    message text not null,
    data    jsonb
  )`,
  `create index log_run on engine.log (run, id)`,
  `create index log_step on engine.log (step)`,
]
