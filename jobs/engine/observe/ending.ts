import type { Verdict } from '../checks.ts'
import type { ClaimedStep } from '../claim.ts'
import type { Materialized } from '../settle.ts'

/** What became of an attempt. */
export type Outcome =
  /** Its tables are up to date. */
  | 'done'
  /** There was nothing to do. */
  | 'unchanged'
  /** It failed and is tried again. */
  | 'retried'
  /** It failed for good. */
  | 'failed'
  /** It was interrupted through no fault of its own, and given back. */
  | 'released'
  /** Its worker ended without a word, and another gave it back. */
  | 'abandoned'
  /** Its run was cancelled, or another attempt took over: nothing of it counts. */
  | 'lost'

/** The end of an attempt, for those who count, trace and write. */
export interface Ending {
  step: ClaimedStep
  outcome: Outcome
  pool: string
  worker: number | undefined
  seconds: number
  /** None, unless it is done. */
  materialized: readonly Materialized[]
  /** How its checks came out, also those that failed it. */
  verdicts: readonly Verdict[]
  error?: unknown
  /** For how long it waits before it is tried again. */
  delayMs?: number | undefined
}

/** Rows read or written, as the assets count them. */
export function rowsOf({ materialized }: Pick<Ending, 'materialized'>): number {
  return materialized.reduce((sum, { rows }) => sum + rows, 0)
}
