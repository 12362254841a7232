import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { isPresent } from '../presence.ts'

/** A worker, as it signed in. */
export interface WorkerOverview {
  worker: number
  /** Whether it holds its lock; one that does not is gone, and its steps go to others. */
  isAlive: boolean
  host: string
  pid: number
  /** Steps that it takes at a time. */
  slots: number
  pools: readonly string[]
  startedAt: string
  seenAt: string
  /** What it runs now. */
  steps: readonly { run: number; asset: string; partition: string; seconds: number }[]
}

/** Who takes steps, and what each does; those who are gone stay on the list for an hour. */
export async function listWorkers(db: Kysely<AnyDatabase>): Promise<WorkerOverview[]> {
  const { rows } = await sql<WorkerOverview>`
    select worker.id as worker, host, pid, concurrency as slots, pools,
      worker.started_at as "startedAt", seen_at as "seenAt",
      ${isPresent(sql.ref('worker.id'))} as "isAlive",
      coalesce((
        select json_agg(json_build_object('run', run, 'asset', asset, 'partition', partition,
          'seconds', extract(epoch from clock_timestamp() - step.started_at)::float8) order by step.id)
        from engine.step where step.worker = worker.id and state = 'running'
      ), '[]') as steps
    from engine.worker as worker order by worker.id`.execute(db)
  return rows
}

/** Those that take steps now. */
export async function liveWorkers(db: Kysely<AnyDatabase>): Promise<WorkerOverview[]> {
  return (await listWorkers(db)).filter(({ isAlive }) => isAlive)
}
