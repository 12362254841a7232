import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { StepJob } from './settle.ts'
import type { ClaimedStep } from './step.ts'

/** One attempt under way. */
export interface Flight {
  controller: AbortController
  claimed: ClaimedStep | undefined
}

/** The attempts that this worker runs right now, and the means to stop them. */
export class InFlight {
  #flights = new Map<string, Flight>()

  has({ id, attempt }: ClaimedStep): boolean {
    return this.#flights.has(key({ step: id, attempt }))
  }

  /** Takes note of an attempt before it is claimed, for as long as the work on it lasts. */
  async during<Result>(job: StepJob, work: (flight: Flight) => Promise<Result>): Promise<Result> {
    const flight: Flight = { controller: new AbortController(), claimed: undefined }
    this.#flights.set(key(job), flight)
    try {
      return await work(flight)
    } finally {
      this.#flights.delete(key(job))
    }
  }

  /** Stops all of them. */
  abort(why: string): void {
    for (const { controller } of this.#flights.values()) controller.abort(new Error(why))
  }

  /** Stops those that may no longer commit: their run was cancelled or another took them over. */
  async abortLost(db: Kysely<AnyDatabase>): Promise<void> {
    const flights = [...this.#flights.values()].filter(({ claimed }) => claimed)
    if (flights.length === 0) return
    const ids = flights.map(({ claimed }) => claimed!.id)
    const { rows } = await sql<StepJob>`
      select id as step, attempt from engine.step
      where id = any(${ids}) and state = 'running'`.execute(db)
    const owned = new Set(rows.map(key))
    for (const { claimed, controller } of flights)
      if (!owned.has(key({ step: claimed!.id, attempt: claimed!.attempt })))
        controller.abort(new Error('The step no longer belongs to this attempt.'))
  }
}

function key({ step, attempt }: StepJob): string {
  return `${step}/${attempt}`
}
