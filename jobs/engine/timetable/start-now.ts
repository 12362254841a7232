import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

import { type PlanOptions, startRunIn } from '../run.ts'
import type { Schedule, Sensor } from './definition.ts'
import type { Selecting } from './timetable.ts'

/**
 * Starts a schedule or sensor now, whether or not it is due or saw something; the result is the run.
 * Null: nothing of a schedule is missing or stale.
 */
export async function startNow(
  db: Kysely<AnyDatabase>,
  { kind, name, units }: Selecting<Schedule | Sensor>,
  plan: PlanOptions,
): Promise<number | null> {
  return await db.transaction().execute(async (tx) => {
    const run = await startRunIn(tx, plan, {
      kind,
      request: { [kind]: name },
      only: new Set(units.map((unit) => unit.name)),
      ...(kind === 'sensor' && { because: 'was asked for' }),
    })
    if (run)
      await sql`
        update ${sql.table(`engine.${kind}`)} set last_run = ${run.id} where name = ${name}`.execute(
        tx,
      )
    return run?.id ?? null
  })
}
