import type { Telemetry } from 'bullmq'

import type { ClaimedStep } from '../claim.ts'
import type { Ending } from './ending.ts'
import type { Staged } from './onlooker.ts'

/** The trace of an attempt, from claim to end. */
export interface StepTrace {
  /** Carries out the attempt inside its span. */
  during: <Result>(work: () => Promise<Result>) => Promise<Result>
  stage: Staged
  end: (ending: Ending) => void
}

/** Makes traces of attempts; BullMQ's own spans come through `queue`. */
export interface Tracing {
  begin: (step: ClaimedStep, worker: number | undefined) => StepTrace
  queue: Telemetry
}

const untraced: StepTrace = {
  during: (work) => work(),
  stage: (_stage, work) => work(),
  end() {},
}

export function traceOf(
  tracing: Tracing | undefined,
  step: ClaimedStep,
  worker: number | undefined,
): StepTrace {
  return tracing?.begin(step, worker) ?? untraced
}
