import { setTimeout as sleep } from 'node:timers/promises'

import type { Retry } from '#kit/asset.ts'

import { failAttempt, releaseAttempt, retryIn } from './attempt.ts'
import type { Bells } from './bells.ts'
import { type ClaimedStep, claim } from './claim.ts'
import { FencedError } from './errors.ts'
import { leadOf } from './graph.ts'
import type { InFlight } from './in-flight.ts'
import { type Audience, observe } from './observe/attempt.ts'
import type { PoolLimits } from './pools.ts'
import type { Ready } from './ready.ts'
import { closeRun } from './settle.ts'
import { runStep, type Workshop } from './step.ts'
import { letGo } from './windows.ts'

/** What the slots of a worker work with. */
interface Hands {
  workshop: Workshop
  audience: Audience
  inFlight: InFlight
  bells: Bells
  limits: ReadonlyMap<string, PoolLimits>
  /** Steps at a time in a pool. */
  slots: (pool: string) => number
  /** The worker's number; undefined while it has no session with Postgres. */
  worker: () => number | undefined
  isClosing: () => boolean
  warn: (error: unknown) => void
}

/** Of an asset that is gone from the code. */
const noRetry: Retry = { limit: 1, backoffMs: 0 }

/** How a step that failed is tried again. */
export function retryOf({ units }: Pick<Workshop, 'units'>, name: string): Retry {
  const unit = units.get(name)
  return unit ? leadOf(unit).retry : noRetry
}

/** What a ticket does: takes steps of a pool until there are none, or one alone where starts are counted. */
export function slotsOf(hands: Hands): (pool: string) => Promise<void> {
  const { workshop, inFlight, bells, limits, warn } = hands
  const { db } = workshop

  const take = async (name: string): Promise<ClaimedStep | undefined> => {
    const worker = hands.worker()
    if (!worker || hands.isClosing()) return undefined
    const slots = hands.slots(name)
    // Backfills leave a slot to live work.
    const isRoom = slots === 1 || inFlight.backfills < slots - 1
    const worstPriority = isRoom ? 1_000_000 : 0
    return await claim(workshop.pool, { worker, pool: name, worstPriority })
  }

  const perform = async (step: ClaimedStep, name: string): Promise<Ready[]> => {
    const ready = await inFlight.during(step, ({ signal }) => attempt(hands, step, name, signal))
    if (!step.isWindowed) return ready
    return [...ready, ...(await letGo(db, step.run).catch(() => []))]
  }

  return async (name) => {
    const isCounted = limits.get(name)?.rate !== undefined
    let last: ClaimedStep | undefined
    for (;;) {
      const step = await take(name)
      // A run that this goes away from may have nothing left.
      if (last && last.run !== step?.run) await closeRun(db, last.run).catch(warn)
      if (!step) return
      last = step
      const ready = await perform(step, name)
      if (isCounted) {
        await closeRun(db, step.run).catch(warn)
        bells.ring([...ready, { pool: name, steps: 1 }])
        return
      }
      bells.ring(othersThan(name, ready))
    }
  }
}

/** Runs a step, and settles what became of it if it did not work. */
async function attempt(
  { workshop, audience, worker, isClosing, warn }: Hands,
  step: ClaimedStep,
  pool: string,
  stop: AbortSignal,
): Promise<Ready[]> {
  const { db, units } = workshop
  const unit = units.get(step.asset)
  const minutes = unit ? leadOf(unit).timeoutMinutes : 1
  const timeout = AbortSignal.timeout(minutes * 60_000)
  const observed = observe(audience, step, { worker: worker(), pool })
  try {
    const signal = AbortSignal.any([stop, timeout])
    const ready = await observed.during(() => runStep(workshop, step, signal, observed))
    await observed.worked()
    return ready
  } catch (error) {
    const isFenced = error instanceof FencedError
    const isStopped = stop.aborted
    const reason = isStopped
      ? (stop.reason as unknown)
      : timeout.aborted
        ? new Error(`${step.asset} took longer than its ${minutes} minutes.`)
        : error
    const retry = retryOf(workshop, step.asset)
    const settle = () =>
      isStopped ? releaseAttempt(db, step) : failAttempt(db, step, reason, retry)
    const ready = isFenced ? [] : await untilRecorded(settle, { isClosing, warn })
    const isFinal = !isStopped && !isFenced && retryIn(step, reason, retry) === undefined
    await observed.gaveUp(reason, { isStopped, isFinal, ready })
    return ready
  }
}

/** While Postgres is away nothing can be recorded; if it stays away, the step's worker is gone. */
async function untilRecorded(
  record: () => Promise<Ready[]>,
  { isClosing, warn }: Pick<Hands, 'isClosing' | 'warn'>,
): Promise<Ready[]> {
  for (;;) {
    try {
      return await record()
    } catch (error) {
      warn(error)
      if (isClosing()) return []
      await sleep(500)
    }
  }
}

/** What the slot itself takes next need not be told to others. */
function othersThan(pool: string, ready: readonly Ready[]): Ready[] {
  return ready
    .map((each) =>
      each.pool === pool && !each.delayMs ? { ...each, steps: each.steps - 1 } : each,
    )
    .filter(({ steps }) => steps > 0)
}
