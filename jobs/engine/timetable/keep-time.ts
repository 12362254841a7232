import { setTimeout as sleep } from 'node:timers/promises'

import type { Kysely } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { Channel } from '../../alerts/channel.ts'
import { keepDelivering } from '../../alerts/deliver.ts'
import { messageOf } from '../errors.ts'
import type { PlanOptions } from '../run.ts'
import { tick } from './tick.ts'
import type { Timetable } from './timetable.ts'

/** What a process that keeps the time is told. */
export interface KeepTimeOptions {
  timetable: Timetable
  plan: Omit<PlanOptions, 'now'>
  /** The ways to tell people what is wrong. */
  channels: readonly Channel[]
  onProblem: (problem: string) => void
  everyMs?: number
  /** The clock by which things are due. */
  clock?: () => Date
}

/**
 * Starts what is due, keeps up what is automatic, and tells people what is wrong, until it is disposed
 * of. Any number of processes may: each thing is done by one. The queue has no part in it.
 */
export function keepTime(
  db: Kysely<AnyDatabase>,
  {
    timetable,
    plan,
    channels,
    onProblem,
    everyMs = 5_000,
    clock = () => new Date(),
  }: KeepTimeOptions,
): AsyncDisposable {
  const controller = new AbortController()
  const { signal } = controller
  const looking = new Set<Promise<void>>()
  const onError = (error: unknown) => {
    if (!signal.aborted) onProblem(messageOf(error))
  }

  async function keep() {
    while (!signal.aborted) {
      try {
        const looks = await tick(db, { timetable, plan, now: clock(), signal, onError })
        for (const look of looks) {
          const ended = look.catch(onError).finally(() => looking.delete(ended))
          looking.add(ended)
        }
      } catch (error) {
        // A warehouse that is away for a moment is asked again.
        onError(error)
      }
      await sleep(everyMs, undefined, { signal }).catch(() => {})
    }
  }

  const keeping = Promise.all([keep(), keepDelivering(db, channels, { signal, onError })])
  return {
    async [Symbol.asyncDispose]() {
      controller.abort(new Error('Recoup ends.'))
      await keeping
      await Promise.all(looking)
    },
  }
}
