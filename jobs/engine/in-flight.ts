import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { ClaimedStep } from './claim.ts'

/** One attempt under way. */
interface Flight {
  step: ClaimedStep
  controller: AbortController
  ended: Promise<unknown>
}

/** The attempts that this worker runs right now, and the means to stop them. */
export class InFlight {
  #flights = new Map<string, Flight>()

  has(step: Pick<ClaimedStep, 'id' | 'attempt'>): boolean {
    return this.#flights.has(keyOf(step))
  }

  get size(): number {
    return this.#flights.size
  }

  /** How many are of a lesser priority than live work. */
  get backfills(): number {
    let count = 0
    for (const { step } of this.#flights.values()) if (step.priority > 0) count++
    return count
  }

  /** Takes note of an attempt for as long as the work on it lasts. */
  async during<Result>(
    step: ClaimedStep,
    work: (controller: AbortController) => Promise<Result>,
  ): Promise<Result> {
    const controller = new AbortController()
    const ended = work(controller)
    this.#flights.set(keyOf(step), { step, controller, ended })
    try {
      return await ended
    } finally {
      this.#flights.delete(keyOf(step))
    }
  }

  /** Stops all of them. */
  abort(why: string): void {
    for (const { controller } of this.#flights.values()) controller.abort(new Error(why))
  }

  /** Waits until those of now have ended, however. */
  async landed(): Promise<void> {
    await Promise.allSettled([...this.#flights.values()].map(({ ended }) => ended))
  }

  /** Stops those that may no longer commit: their run was cancelled or another took them over. */
  async abortLost(db: Kysely<AnyDatabase>): Promise<void> {
    const flights = [...this.#flights.values()]
    if (flights.length === 0) return
    const { rows } = await sql<{ id: number; attempt: number }>`
      select id, attempt from engine.step
      where id = any(${flights.map(({ step }) => step.id)}::int8[]) and state = 'running'`.execute(
      db,
    )
    const owned = new Set(rows.map(keyOf))
    for (const { step, controller } of flights)
      if (!owned.has(keyOf(step)))
        controller.abort(new Error('The step no longer belongs to this attempt.'))
  }
}

function keyOf({ id, attempt }: Pick<ClaimedStep, 'id' | 'attempt'>): string {
  return `${id}/${attempt}`
}
