import type { Kysely } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { CheckFailed } from '../checks.ts'
import type { ClaimedStep } from '../claim.ts'
import type { Ready } from '../ready.ts'
import type { AbandonedStep } from '../reconcile.ts'
import { type LogBook, logBookOf } from '../step-log.ts'
import { type Ending, type Outcome, rowsOf } from './ending.ts'
import type { Logger } from './logger.ts'
import { notableLines } from './notable.ts'
import type { Onlooker } from './onlooker.ts'
import { type Tracing, traceOf } from './tracing.ts'

/** Who hears of a worker's attempts. */
export interface Audience {
  db: Kysely<AnyDatabase>
  logger: Logger
  tracing?: Tracing | undefined
  onBeginning?: (() => void) | undefined
  onEnding?: ((ending: Ending) => void) | undefined
}

/** An attempt as it is looked at: told to the step's log, the worker's, the trace and the metrics. */
export interface ObservedAttempt extends Onlooker {
  /** Carries the attempt out. */
  during: <Result>(work: () => Promise<Result>) => Promise<Result>
  /** It worked. */
  worked: () => Promise<void>
  /** It did not, for this reason. What may start again tells whether it was still its own. */
  gaveUp: (error: unknown, how: GivingUp) => Promise<void>
}

interface GivingUp {
  /** Somebody stopped it. */
  isStopped: boolean
  /** It is not tried again. */
  isFinal: boolean
  ready: readonly Ready[]
}

/** Begins to look at an attempt. */
export function observe(
  audience: Audience,
  step: ClaimedStep,
  at: { worker: number | undefined; pool: string },
): ObservedAttempt {
  audience.onBeginning?.()
  const start = performance.now()
  const book = logBookOf(audience.db, step)
  const trace = traceOf(audience.tracing, step, at.worker)
  let loaded: Loaded = nothing

  const end = async (ending: Partial<Ending> & Pick<Ending, 'outcome'>) => {
    const seconds = (performance.now() - start) / 1000
    const whole = { step, ...at, seconds, ...nothing, ...ending }
    trace.end(whole)
    await tell(audience, book, whole)
  }
  return {
    log(message, data) {
      book.write('info', message, data)
      audience.logger.info({ ...aboutOf(step, at.worker), data }, message)
    },
    stage: trace.stage,
    during: trace.during,
    loaded(materialized, verdicts) {
      loaded = { materialized, verdicts }
    },
    worked: () =>
      end({ outcome: loaded.materialized.length > 0 ? 'done' : 'unchanged', ...loaded }),
    gaveUp: (error, how) =>
      end({
        outcome: outcomeOf(how),
        error,
        delayMs: how.ready[0]?.delayMs,
        ...(error instanceof CheckFailed && { verdicts: error.verdicts }),
      }),
  }
}

/** Tells that a step was taken back from a worker that is gone. */
export async function tellTakenBack(audience: Audience, step: AbandonedStep): Promise<void> {
  const { worker, pool } = step
  const ending = { step, worker, pool, seconds: 0, ...nothing, outcome: 'abandoned' } as const
  await tell(audience, logBookOf(audience.db, step), ending)
}

type Loaded = Pick<Ending, 'materialized' | 'verdicts'>

const nothing: Loaded = { materialized: [], verdicts: [] }

function outcomeOf({ isStopped, isFinal, ready }: GivingUp): Outcome {
  if (isFinal) return 'failed'
  if (ready.length === 0) return 'lost'
  return isStopped ? 'released' : 'retried'
}

async function tell({ logger, onEnding }: Audience, book: LogBook, ending: Ending): Promise<void> {
  const about = aboutOf(ending.step, ending.worker)
  for (const { level, message, data } of notableLines(ending)) {
    // Why it failed for good is in engine.step.
    if (level !== 'error') book.write(level, message, data)
    logger[level]({ ...about, ...data }, message)
  }
  sayItWorked(logger, about, ending)
  onEnding?.(ending)
  await book.end()
}

/** The worker's log has a line for every step that worked; the step's own has not. */
function sayItWorked(logger: Logger, about: object, ending: Ending): void {
  const { outcome, step, seconds } = ending
  if (outcome !== 'done' && outcome !== 'unchanged') return
  const level = outcome === 'done' ? 'info' : 'debug'
  const ms = Math.round(seconds * 1000)
  logger[level]({ ...about, rows: rowsOf(ending), ms }, `${step.asset} ${outcome}`)
}

function aboutOf({ run, id, asset, partition, attempt }: ClaimedStep, worker: number | undefined) {
  return { run, step: id, asset, ...(partition && { partition }), attempt, worker }
}
