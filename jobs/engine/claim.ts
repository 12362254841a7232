import type { Pool } from 'pg'

/** A step taken by a worker: nobody else runs this attempt. */
export interface ClaimedStep {
  id: number
  run: number
  /** The unit it materializes. */
  asset: string
  /** In words; '' for the whole, or for all partitions that are stale. */
  partition: string
  /** The partitions of a batch. */
  keys: string[] | null
  /** The fence: only the newest attempt may commit. */
  attempt: number
  failures: number
  priority: number
  /** Its run lets only so many go at once. */
  isWindowed: boolean
  /** The time that partitions are due by. */
  plannedAt: string
}

/** Who takes a step, and of which. */
export interface Claim {
  worker: number
  pool: string
  /** Leaves steps of a lesser priority to others. */
  worstPriority: number
}

/** Takes the most urgent ready step of a pool; nothing if there is none. */
export async function claim(
  pool: Pool,
  { worker, pool: name, worstPriority }: Claim,
): Promise<ClaimedStep | undefined> {
  const { rows } = await pool.query<ClaimedStep>({
    name: 'engine.claim',
    text: `
      with next as (
        select id from engine.step
        where state = 'ready' and pool = $2 and priority <= $3 and ready_at <= clock_timestamp()
        order by priority, id limit 1 for update skip locked
      )
      update engine.step
      set state = 'running', worker = $1, started_at = clock_timestamp(), progress = 0, note = null,
          error = null
      from next cross join engine.run
      where step.id = next.id and run.id = step.run
      returning step.id, step.run, asset, partition, keys, attempt, failures, step.priority,
        at_once is not null as "isWindowed", planned_at as "plannedAt"`,
    values: [worker, name, worstPriority],
  })
  return rows[0]
}
