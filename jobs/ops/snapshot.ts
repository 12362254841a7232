import type { Pool } from 'pg'

/** How much work there is in the warehouse, for all workers together. */
export interface Snapshot {
  pools: { pool: string; state: string; steps: number; oldestSeconds: number | null }[]
  openRuns: number
  outbox: number
}

const keptMs = 5_000

/** Reads it in one query over open steps alone; whoever asks again soon gets the same. */
export function snapshots(pool: Pool): () => Promise<Snapshot> {
  let kept: { at: number; snapshot: Promise<Snapshot> } | undefined
  return async () => {
    if (!kept || performance.now() - kept.at > keptMs)
      kept = { at: performance.now(), snapshot: read(pool) }
    try {
      return await kept.snapshot
    } catch (error) {
      kept = undefined
      throw error
    }
  }
}

async function read(pool: Pool): Promise<Snapshot> {
  const { rows } = await pool.query<Snapshot>(`
    select
      (select coalesce(json_agg(counted), '[]') from (
        select pool, state, count(*)::int4 as steps,
          case when state = 'ready'
            then greatest(0, extract(epoch from clock_timestamp() - min(ready_at)))::float8
            end as "oldestSeconds"
        from engine.step where state in ('ready', 'waiting', 'running')
        group by pool, state order by pool, state
      ) as counted) as pools,
      (select count(*) from engine.run where state = 'running')::int4 as "openRuns",
      (select count(*) from engine.outbox where state = 'waiting')::int4 as outbox`)
  return rows[0]!
}
