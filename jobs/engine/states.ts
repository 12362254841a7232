export const runStates = ['running', 'done', 'failed', 'cancelled'] as const
export type RunState = (typeof runStates)[number]

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

/** How bad a line of a run's log is, from the least. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/** Which partitions of those asked for are worth the work. */
export const onlyWhich = ['missing', 'failed', 'stale'] as const
export type Only = (typeof onlyWhich)[number]
