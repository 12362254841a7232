import type { Verdict } from '../checks.ts'
import type { Materialized } from '../settle.ts'
import type { StepLog } from '../step-log.ts'

/** The parts of a step, in their order. */
export type Stage = 'fetch' | 'load' | 'checks' | 'settle'

/** Carries out a part of a step and returns what it gives. */
export type Staged = <Result>(stage: Stage, work: () => Promise<Result>) => Promise<Result>

/** Looks on while a step runs. It may say what it saw; it changes nothing. */
export interface Onlooker {
  log: StepLog
  stage: Staged
  /** What the step brought up to date, in its transaction: it may still be rolled back. */
  loaded: (materialized: readonly Materialized[], verdicts: readonly Verdict[]) => void
}

export const nobody: Onlooker = {
  log() {},
  stage: (_stage, work) => work(),
  loaded() {},
}
