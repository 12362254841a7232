export type RunState = 'running' | 'done' | 'failed' | 'cancelled'

/** `unchanged`: nothing it reads changed, so it keeps what it has. `skipped`: what it reads failed. */
export type StepState =
  | 'blocked'
  | 'ready'
  | 'running'
  | 'done'
  | 'unchanged'
  | 'failed'
  | 'skipped'
  | 'cancelled'
