/** Runs, and how far they are, in numbers: a run may have fifty thousand steps. */
import { type Kysely, type RawBuilder, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { RunKind, RunState, StepState } from '../states.ts'

/** Steps of a run by their state; those that there are none of are 0. */
export type StepCounts = Readonly<Record<StepState, number>>

/** A run and how far it is. */
export interface RunOverview {
  id: number
  kind: RunKind
  /** What was asked for, in the asker's words. */
  request: Readonly<Record<string, unknown>>
  state: RunState
  paused: boolean
  /** So many steps at once; null: all. */
  atOnce: number | null
  resumes: number | null
  startedAt: string
  finishedAt: string | null
  seconds: number
  steps: StepCounts & { total: number; ended: number }
  /** Steps that ended in the last five minutes, a minute. */
  perMinute: number
}

/** The newest runs, the newest first. */
export async function listRuns(
  db: Kysely<AnyDatabase>,
  { limit = 20, state }: { limit?: number; state?: RunState | undefined } = {},
): Promise<RunOverview[]> {
  const where = state ? sql`where state = ${state}` : sql``
  return await runs(db, sql`${where} order by id desc limit ${limit}`)
}

/** One run; undefined if there is none of that number. */
export async function findRun(
  db: Kysely<AnyDatabase>,
  id: number,
): Promise<RunOverview | undefined> {
  const [run] = await runs(db, sql`where id = ${id}`)
  return run
}

const recentMinutes = 5

async function runs(db: Kysely<AnyDatabase>, which: RawBuilder<unknown>): Promise<RunOverview[]> {
  const { rows } = await sql<
    Omit<RunOverview, 'steps' | 'perMinute'> & {
      counts: Partial<StepCounts> | null
      recent: number
    }
  >`
    select run.id, kind, request, run.state, paused, at_once as "atOnce", resumes,
      run.started_at as "startedAt", run.finished_at as "finishedAt",
      extract(epoch from coalesce(run.finished_at, clock_timestamp()) - run.started_at)::float8
        as seconds, counts, coalesce(recent, 0)::int4 as recent
    from (select * from engine.run ${which}) as run
    left join lateral (
      select json_object_agg(state, steps) as counts, sum(recent) as recent from (
        select state, count(*) as steps, count(*) filter (
          where state in ('done', 'unchanged', 'failed')
            and finished_at > clock_timestamp() - ${recentMinutes} * interval '1 minute'
        ) as recent
        from engine.step where step.run = run.id group by state
      ) as by_state
    ) as step on true
    order by run.id desc`.execute(db)
  return rows.map(({ counts, recent, ...run }) => {
    const minutes = Math.min(recentMinutes, Math.max(run.seconds, 1) / 60)
    const perMinute = run.state === 'running' ? recent / minutes : 0
    return { ...run, steps: stepsOf(counts ?? {}), perMinute }
  })
}

const ended = ['done', 'unchanged', 'failed', 'skipped', 'cancelled'] as const
const open = ['running', 'ready', 'waiting', 'blocked'] as const

function stepsOf(counts: Partial<StepCounts>): RunOverview['steps'] {
  const all = Object.fromEntries(
    [...ended, ...open].map((state) => [state, counts[state] ?? 0]),
  ) as Record<StepState, number>
  const sum = (states: readonly StepState[]) =>
    states.reduce((total, state) => total + all[state], 0)
  return { ...all, total: sum([...ended, ...open]), ended: sum(ended) }
}

const foretold = 10

/** The time a run still takes at its present pace; null: nobody knows, or it is short. */
export function secondsLeft({ state, paused, steps, perMinute }: RunOverview): number | null {
  const isMoving = state === 'running' && !paused && steps.running > 0 && perMinute > 0
  if (!isMoving || steps.total < foretold || steps.ended < 3) return null
  return ((steps.total - steps.ended) / perMinute) * 60
}
