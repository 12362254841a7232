import { setTimeout as sleep } from 'node:timers/promises'

import type { Kysely } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import type { Channel } from './channel.ts'
import { claimDue, type Due, giveUp, giveUpUnknown, markSent, postpone, putBack } from './due.ts'
import { UndeliveredError } from './undelivered.ts'

type Db = Kysely<AnyDatabase>

/** What became of the notices that were due. */
export interface Delivered {
  sent: number
  postponed: number
  givenUp: number
}

/**
 * Sends what is due, all channels at the same time, each in order. Any number of processes may: a
 * notice is taken by one, and only if that one dies between sending and writing it down is it sent
 * again, with the same id.
 */
export async function deliverNotices(
  db: Db,
  channels: readonly Channel[],
  { signal }: { signal: AbortSignal },
): Promise<Delivered> {
  const all = await Promise.all(rounds(db, channels, signal).map((round) => round()))
  return all.reduce(
    (sum, { sent, postponed, givenUp }) => ({
      sent: sum.sent + sent,
      postponed: sum.postponed + postponed,
      givenUp: sum.givenUp + givenUp,
    }),
    nothing,
  )
}

/** Delivers until the signal; each channel in a loop of its own, so that none waits for another. */
export async function keepDelivering(
  db: Db,
  channels: readonly Channel[],
  options: { signal: AbortSignal; everyMs?: number; onError: (error: unknown) => void },
): Promise<void> {
  const { signal, everyMs = 5_000, onError } = options
  const loops = rounds(db, channels, signal).map(async (round) => {
    while (!signal.aborted) {
      // A warehouse that is away for a moment is asked again.
      await round().catch((error: unknown) => signal.aborted || onError(error))
      await sleep(everyMs, undefined, { signal }).catch(() => {})
    }
  })
  await Promise.all(loops)
}

const nothing: Delivered = { sent: 0, postponed: 0, givenUp: 0 }

function rounds(db: Db, channels: readonly Channel[], signal: AbortSignal) {
  const names = channels.map(({ name }) => name)
  return [
    ...channels.map((channel) => () => deliverOn(db, channel, signal)),
    async () => ({ ...nothing, givenUp: await giveUpUnknown(db, names) }),
  ]
}

/** Until nothing is due, or one did not arrive: what is behind it waits for the next round. */
async function deliverOn(db: Db, channel: Channel, signal: AbortSignal): Promise<Delivered> {
  const count = { ...nothing }
  while (!signal.aborted) {
    const due = await claimDue(db, channel.name)
    if (!due) break
    const end = await deliver(db, channel, due, signal)
    count[end]++
    if (end === 'postponed') break
  }
  return count
}

async function deliver(
  db: Db,
  channel: Channel,
  due: Due,
  signal: AbortSignal,
): Promise<keyof Delivered> {
  const { notice: id, content: notice } = due
  let remark: string | undefined
  try {
    remark = await channel.send({ id, notice }, signal)
  } catch (error) {
    if (signal.aborted) {
      await putBack(db, due)
      throw error
    }
    return await keepError(db, due, error)
  }
  await markSent(db, due, remark)
  return 'sent'
}

async function keepError(db: Db, due: Due, error: unknown): Promise<'postponed' | 'givenUp'> {
  const { message } = error as Error
  const { isFinal = false, waitMs = 0 } = error instanceof UndeliveredError ? error : {}
  const delayMs = Math.max(waitMs, delayAfter(due.tries))
  if (isFinal || Date.now() + delayMs > Date.parse(due.expires_at)) {
    await giveUp(db, due, message)
    return 'givenUp'
  }
  await postpone(db, due, { delayMs, error: message })
  return 'postponed'
}

/** Half a minute, then twice as long each time up to an hour, with a random part. */
function delayAfter(tries: number): number {
  const ms = Math.min(30_000 * 2 ** (tries - 1), 3_600_000)
  return ms * (0.75 + Math.random() / 2)
}
