import { type Kysely, sql } from 'kysely'
import type { PoolClient } from 'pg'

import type { AnyDatabase } from '#kit/asset.ts'
import { locks } from '#jobs/postgres/locks.ts'

import { FencedError } from './errors.ts'
import { type Ready, readyIn } from './ready.ts'
import type { ClaimedStep } from './claim.ts'

/** Ends several steps of a run at once, or a run: no step of it ends by itself meanwhile. */
export async function lockRun(tx: Kysely<AnyDatabase>, run: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(${locks.run}, ${run})`.execute(tx)
}

/** One partition of an asset that a step brought up to date; '' for the whole. */
export interface Materialized {
  asset: string
  partition: string
  rows: number
  /** False if its rows are as they were before. */
  changed: boolean
  codeVersion: string | null
  metadata: object
}

/** What a step did, for the record of it. */
export interface StepResult {
  materialized: readonly Materialized[]
  /** For each asset it read, the newest materialization it is sure to have seen. */
  reads: Readonly<Record<string, number>>
}

/**
 * Ends a step as done, in the transaction of its load: records what it materialized and counts it off
 * the steps that wait for it. Throws unless the attempt still owns the step. One statement, so that a
 * step that does nothing takes a millisecond. The result is what may start now.
 *
 * Two parents of one child may end at the same time: each locks the children in the order of their
 * numbers, and Postgres lets the second count from what the first left. An asset's materializations
 * get their numbers one transaction at a time, so that who has seen a number has seen all below it.
 */
export async function settleDone(
  client: PoolClient,
  step: ClaimedStep,
  { materialized, reads }: StepResult,
): Promise<Ready[]> {
  const changed = materialized.some((each) => each.changed)
  const { rows } = await client.query<{ fenced: number; moved: Moved[] | null }>({
    name: 'engine.settle',
    text: settleSql,
    values: [
      step.id,
      step.attempt,
      step.run,
      materialized.map(({ asset }) => asset),
      materialized.map(({ partition }) => partition),
      materialized.map((each) => each.rows),
      materialized.map((each) => each.changed),
      materialized.map(({ codeVersion }) => codeVersion),
      materialized.map(({ metadata }) => JSON.stringify(metadata)),
      JSON.stringify(reads),
      materialized.reduce((sum, each) => sum + each.rows, 0),
      changed ? `${step.asset} changed` : null,
      materialized.length > 0 ? 'done' : 'unchanged',
    ],
  })
  const [result] = rows
  if (!result?.fenced)
    throw new FencedError(`Attempt ${step.attempt} at ${step.asset} no longer owns its step.`)
  return await movedOn(client, result.moved ?? [])
}

interface Moved {
  id: number
  state: string
  pool: string
}

const moveSql = (ended: string, reason: string) => `
  children as (
    select child.id, counted.parents from (
      select down, count(*)::int4 as parents from engine.edge
      where up in (${ended}) group by down
    ) as counted
    join engine.step as child on child.id = counted.down
    where child.state = 'blocked'
    order by child.id for no key update of child
  ),
  moved as (
    update engine.step as child
    set pending = child.pending - children.parents,
        reason = coalesce(child.reason, ${reason}),
        state = case
          when child.pending > children.parents then 'blocked'
          when coalesce(child.reason, ${reason}) is null then 'unchanged'
          when run.at_once is not null or run.paused then 'waiting'
          else 'ready' end,
        ready_at = case when child.pending = children.parents then clock_timestamp() end,
        finished_at = case when child.pending = children.parents
          and coalesce(child.reason, ${reason}) is null then clock_timestamp() end
    from children cross join engine.run as run
    where child.id = children.id and run.id = child.run
    returning child.id, child.state, child.pool
  )`

const settleSql = `
  with locked as materialized (
    select count(pg_advisory_xact_lock_shared(${locks.run}, $3::int4)) +
      (select count(pg_advisory_xact_lock(${locks.history}, hashtext(asset)))
       from (select distinct asset from unnest($4::text[]) as asset order by asset) as assets)
      as locks
  ),
  fenced as (
    update engine.step
    set state = $13, progress = 1, rows = $11, error = null, finished_at = clock_timestamp()
    where id = $1 and attempt = $2 and state = 'running' and (select locks from locked) > 0
    returning id, started_at
  ),
  recorded as (
    insert into engine.materialization
      (run, asset, partition, rows, changed, code_version, metadata, reads, started_at)
    select $3, asset, partition, rows, changed, code_version, metadata::jsonb, $10::jsonb,
      fenced.started_at
    from fenced cross join unnest($4::text[], $5::text[], $6::int8[], $7::bool[], $8::text[], $9::text[])
      as done (asset, partition, rows, changed, code_version, metadata)
    returning id, asset, partition, rows, changed, code_version
  ),
  stated as (
    insert into engine.partition_state as state
      (asset, partition, version, changed, code_version, reads, rows, run)
    select asset, partition, id, case when changed then id else 0 end, code_version, $10::jsonb,
      rows, $3
    from recorded
    on conflict (asset, partition) do update
    set version = excluded.version, code_version = excluded.code_version, reads = excluded.reads,
        rows = excluded.rows, run = excluded.run, materialized_at = clock_timestamp(),
        changed = case when excluded.changed > 0 then excluded.changed else state.changed end
  ),
  ${moveSql('select id from fenced', '$12::text')}
  select (select count(*) from fenced)::int4 as fenced,
    (select json_agg(json_build_object('id', id, 'state', state, 'pool', pool))
     from moved where state <> 'blocked') as moved`

const unchangedSql = `
  with ${moveSql('select unnest($1::int8[])', 'null')}
  select id, state, pool from moved where state <> 'blocked'`

/** Children without a reason to run keep what they have, and their own children move on in turn. */
async function movedOn(client: PoolClient, moved: readonly Moved[]): Promise<Ready[]> {
  const pools = moved.filter(({ state }) => state === 'ready').map(({ pool }) => pool)
  let unchanged = moved.filter(({ state }) => state === 'unchanged').map(({ id }) => id)
  while (unchanged.length > 0) {
    const { rows } = await client.query<Moved>(unchangedSql, [unchanged])
    pools.push(...rows.filter(({ state }) => state === 'ready').map(({ pool }) => pool))
    unchanged = rows.filter(({ state }) => state === 'unchanged').map(({ id }) => id)
  }
  return readyIn(pools)
}

/** Ends a step as failed and everything derived from it as skipped. Call with the run locked. */
export async function settleFailed(
  tx: Kysely<AnyDatabase>,
  step: ClaimedStep,
  error: string,
): Promise<void> {
  await sql`
    update engine.step
    set state = 'failed', error = ${error}, failures = failures + 1, finished_at = clock_timestamp()
    where id = ${step.id}`.execute(tx)
  await sql`
    with recursive derived as (
      select down from engine.edge where up = ${step.id}
      union
      select edge.down from engine.edge join derived on edge.up = derived.down
    )
    update engine.step
    set state = 'skipped', error = ${`${step.asset} failed`}, finished_at = clock_timestamp()
    where id in (select down from derived) and state = 'blocked'`.execute(tx)
}

/**
 * Ends a run whose last step has ended; asked after the commit of a step's end, so that of two last
 * steps at least one sees that there is none left. The result says whether it was this that ended it.
 */
export async function closeRun(db: Kysely<AnyDatabase>, run: number): Promise<boolean> {
  const { rows } = await sql`
    update engine.run
    set finished_at = clock_timestamp(),
        state = case when exists (
          select from engine.step where run = ${run} and state = 'failed'
        ) then 'failed' else 'done' end
    where id = ${run} and state = 'running' and not exists (
      select from engine.step
      where run = ${run} and state in ('blocked', 'waiting', 'ready', 'running')
    ) returning id`.execute(db)
  return rows.length > 0
}
