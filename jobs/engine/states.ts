export type RunState = 'running' | 'done' | 'failed' | 'cancelled'

/** Why a run was planned; `upkeep`: of whatever was stale. */
export type RunKind = 'upkeep' | 'run' | 'backfill' | 'schedule' | 'sensor'

/**
 * `blocked`: steps it reads from have not ended. `waiting`: its run lets only so many go at once, or is
 * paused. `unchanged`: nothing it reads changed, so it keeps what it has. `skipped`: what it reads failed.
 */
export type StepState =
  | 'blocked'
  | 'waiting'
  | 'ready'
  | 'running'
  | 'done'
  | 'unchanged'
  | 'failed'
  | 'skipped'
  | 'cancelled'
