/** The steps of a run, without reading them one by one where there are thousands. */
import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { StepState } from '../states.ts'
import type { StepStatus } from '../watch.ts'

/** The steps of one asset that are in the same state. */
export interface StepGroup {
  asset: string
  state: StepState
  steps: number
  /** Their partitions; none where each step finds out for itself, or materializes the whole. */
  keys: readonly string[]
  rows: number | null
  /** From the first start to the last end. */
  seconds: number | null
  /** Why they run, or why one of them failed or was skipped. */
  reason: string | null
  error: string | null
}

/** A run's steps by asset and state: what failed, what runs, what waits, then what is done. */
export async function stepGroups(db: Kysely<AnyDatabase>, run: number): Promise<StepGroup[]> {
  const { rows } = await sql<Omit<StepGroup, 'keys'> & { keys: string[][] }>`
    select asset, state, count(*) as steps, sum(rows)::int8 as rows,
      case when state not in ('ready', 'waiting', 'blocked') then
        extract(epoch from max(coalesce(finished_at, clock_timestamp())) - min(started_at))::float8
      end as seconds,
      json_agg(coalesce(keys, array[partition]) order by id) as keys,
      min(reason) as reason,
      (array_agg(error order by id) filter (where error is not null))[1] as error
    from engine.step where run = ${run}
    group by asset, state
    order by array_position(${stateOrder}::text[], state), min(id)`.execute(db)
  return rows.map(({ keys, ...group }) => ({
    ...group,
    keys: keys.flat().filter((key) => key !== ''),
  }))
}

const stateOrder: readonly StepState[] = [
  'failed',
  'running',
  'ready',
  'waiting',
  'blocked',
  'skipped',
  'cancelled',
  'done',
  'unchanged',
]

/** What a follower of a run shows: what runs right now, and what ended, unless that is too much. */
export async function liveSteps(
  db: Kysely<AnyDatabase>,
  run: number,
  { states, limit }: { states: readonly StepState[]; limit: number },
): Promise<StepStatus[]> {
  const { rows } = await sql<StepStatus>`
    select asset, partition, state, reason, progress, note, rows, failures, error,
      extract(epoch from coalesce(finished_at, clock_timestamp()) - started_at)::float8 as seconds
    from engine.step where run = ${run} and state = any(${states}::text[])
    order by (state = 'running') desc, finished_at, id limit ${limit}`.execute(db)
  return rows
}
