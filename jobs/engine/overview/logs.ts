import { setTimeout as sleep } from 'node:timers/promises'

import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { type LogLevel, logLevels } from '../states.ts'

/** Something that happened in a run; `said`: a step's own code wrote it down. */
export interface LogEvent {
  at: string
  level: LogLevel
  event:
    | 'planned'
    | 'started'
    | 'retried'
    | 'done'
    | 'unchanged'
    | 'failed'
    | 'skipped'
    | 'cancelled'
    | 'said'
    | 'ended'
  /** Null: of the run as a whole. */
  asset: string | null
  partition: string | null
  attempt: number | null
  worker: number | null
  rows: number | null
  seconds: number | null
  /** Why it runs, why it failed, what was said, or how the run ended. */
  message: string | null
  data: unknown
}

/** Which events of a run are wanted. */
export interface LogQuery {
  run: number
  /** Only of these units, and not of the run. */
  units?: readonly string[] | undefined
  /** At least as bad as this. */
  level?: LogLevel | undefined
}

type Keyed = LogEvent & { key: string }

async function readEvents(
  db: Kysely<AnyDatabase>,
  { run, units, level = 'debug' }: LogQuery,
  since: string,
): Promise<Keyed[]> {
  const levels = logLevels.slice(logLevels.indexOf(level))
  const { rows } = await sql<Keyed>`
    with event as (
      select 'planned' as key, 'planned' as event, 'info' as level, started_at as at,
        null::text as asset, null::text as partition, null::int4 as attempt, null::int4 as worker,
        (select count(*) from engine.step where step.run = run.id) as rows, null::float8 as seconds,
        kind as message, request as data
      from engine.run as run where id = ${run}
      union all
      -- One that waits to be tried again has counted its attempt on already.
      select id || '/' || tried || '/started', 'started', 'info', started_at, asset, partition, tried,
        worker, null, null, reason, null
      from engine.step
      cross join lateral (select attempt - (state = 'ready')::int4 as tried) as attempts
      where run = ${run} and started_at is not null
      union all
      select id || '/' || attempt || '/retried', 'retried', 'warn', ready_at, asset, partition,
        attempt - 1, null, null, null, error, null
      from engine.step where run = ${run} and state = 'ready' and failures > 0 and error is not null
      union all
      select id || '/' || attempt || '/' || state, state,
        case state when 'failed' then 'error' when 'skipped' then 'warn' when 'cancelled' then 'warn'
          else 'info' end,
        finished_at, asset, partition, attempt, worker, step.rows,
        extract(epoch from finished_at - started_at)::float8, error, null
      from engine.step as step where run = ${run} and finished_at is not null
      union all
      select 'said/' || log.id, 'said', log.level, log.at, asset, partition, null, null, null, null,
        message, data
      from engine.log as log join engine.step as step on step.id = log.step where log.run = ${run}
      union all
      select 'ended', 'ended', case state when 'failed' then 'error' when 'cancelled' then 'warn'
          else 'info' end,
        finished_at, null, null, null, null, null,
        extract(epoch from finished_at - started_at)::float8, state, null
      from engine.run where id = ${run} and finished_at is not null
    )
    select * from event
    where at >= ${since} and level = any(${levels}::text[])
      and (${units ?? null}::text[] is null or asset = any(${units ?? []}::text[]))
    order by at, case event when 'planned' then 0 when 'started' then 1 when 'ended' then 3 else 2 end, key`.execute(
    db,
  )
  return rows
}

/** A commit may come later than the time in it says; so long is looked back for it. */
const overlapMs = 60_000

/**
 * What happened in a run, in the order of time, each event once: in handfuls, as they are found. To
 * follow it is to go on until the run has ended.
 */
export async function* eventsOf(
  db: Kysely<AnyDatabase>,
  query: LogQuery,
  options: { follow?: boolean; everyMs?: number; signal?: AbortSignal } = {},
): AsyncGenerator<LogEvent[]> {
  const { follow = false, everyMs = 500, signal } = options
  const told = new Set<string>()
  let newest = '-infinity'
  for (;;) {
    const isOver = !follow || (await hasEnded(db, query.run))
    // The last look is at everything: nothing is left out, however late it was committed.
    const events = await readEvents(db, query, isOver ? '-infinity' : lookingBack(newest))
    const fresh = events.filter(({ key }) => !told.has(key))
    for (const { key } of fresh) told.add(key)
    newest = events.at(-1)?.at ?? newest
    if (fresh.length > 0) yield fresh.map(withoutKey)
    if (isOver) return
    await sleep(everyMs, undefined, signal && { signal })
  }
}

function withoutKey(keyed: Keyed): LogEvent {
  const { key: _, ...event } = keyed
  return event
}

function lookingBack(newest: string): string {
  if (newest === '-infinity') return newest
  return new Date(Date.parse(newest) - overlapMs).toISOString()
}

async function hasEnded(db: Kysely<AnyDatabase>, run: number): Promise<boolean> {
  const { rows } = await sql`
    select from engine.run where id = ${run} and state <> 'running'`.execute(db)
  return rows.length > 0
}
