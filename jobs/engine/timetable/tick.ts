import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { locks } from '../../postgres/locks.ts'
import type { PlanOptions } from '../run.ts'
import { isTimeFor } from './chores.ts'
import { cleanUp } from './clean-up.ts'
import { problemsOf } from './problems.ts'
import { startDue } from './schedules.ts'
import { lookAtDue } from './sensors.ts'
import { tellOf } from './tell.ts'
import type { Timetable } from './timetable.ts'
import { keepUp } from './upkeep.ts'

/** What keeping the time needs to know. */
export interface TickOptions {
  timetable: Timetable
  plan: Omit<PlanOptions, 'now'>
  now: Date
  signal: AbortSignal
  onError: (error: unknown) => void
}

const day = 24 * 3600

/**
 * Looks once at all that is due, unless another process is just doing so. The results are the looks of
 * sensors: they may take their time, and nothing waits for them.
 */
export async function tick(
  db: Kysely<AnyDatabase>,
  options: TickOptions,
): Promise<Promise<void>[]> {
  return await db.connection().execute(async (session) => {
    const { rows } = await sql<{ got: boolean }>`
      select pg_try_advisory_lock(${locks.tick}) as got`.execute(session)
    if (!rows[0]?.got) return []
    try {
      return await lookRound(session, db, options)
    } finally {
      await sql`select pg_advisory_unlock(${locks.tick})`.execute(session)
    }
  })
}

async function lookRound(
  session: Kysely<AnyDatabase>,
  db: Kysely<AnyDatabase>,
  { timetable, plan, now, signal, onError }: TickOptions,
): Promise<Promise<void>[]> {
  const looks: Promise<void>[] = []
  const chore = (name: string, everySeconds: number, work: () => Promise<unknown>) => async () => {
    if (await isTimeFor(session, name, { everySeconds, now })) await work()
  }
  const duties = [
    () => startDue(session, timetable.schedules, { now, plan }),
    async () => looks.push(...(await lookAtDue(db, timetable.sensors, { now, plan, signal }))),
    chore('upkeep', 30, () => keepUp(session, { ...plan, now })),
    chore('problems', 15, async () =>
      tellOf(session, await problemsOf(session, { assets: plan.assets, timetable, now })),
    ),
    chore('clean up', day, () => cleanUp(session, { signal })),
  ]
  for (const duty of duties) {
    if (signal.aborted) break
    // One that fails does not keep the others from being done.
    await Promise.resolve(duty()).catch(onError)
  }
  return looks
}
