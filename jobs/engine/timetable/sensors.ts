import { isDeepStrictEqual } from 'node:util'

import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'

import { messageOf } from '../errors.ts'
import { type PlanOptions, startRunIn } from '../run.ts'
import { select } from '../selection.ts'
import type { Sensor, Sighting } from './definition.ts'
import type { Selecting } from './timetable.ts'

type Db = Kysely<AnyDatabase>

/** What a look needs besides the sensor. */
export interface LookOptions {
  now: Date
  plan: Omit<PlanOptions, 'now'>
  signal: AbortSignal
  /** A look that takes longer has failed. */
  timeoutMs?: number
}

/**
 * Looks through every sensor whose time it is, all at once; the results are the looks. Of several
 * processes one looks; a look that its process did not survive is done again at the next time.
 */
export async function lookAtDue(
  db: Db,
  sensors: readonly Selecting<Sensor>[],
  options: LookOptions,
): Promise<Promise<void>[]> {
  if (sensors.length === 0) return []
  const byName = new Map(sensors.map((each) => [each.name, each]))
  const due = await claim(db, sensors, options.now)
  return due.map(({ name, cursor }) => lookThrough(db, byName.get(name)!, cursor, options))
}

async function claim(db: Db, sensors: readonly Sensor[], now: Date) {
  const names = sensors.map(({ name }) => name)
  const { rows: missing } = await sql<{ name: string }>`
    select name from unnest(${names}::text[]) as name
    where not exists (select from engine.sensor where sensor.name = name.name)`.execute(db)
  if (missing.length > 0)
    await sql`
      insert into engine.sensor (name) select unnest(${missing.map(({ name }) => name)}::text[])
      on conflict do nothing`.execute(db)
  const { rows } = await sql<{ name: string; cursor: unknown }>`
    update engine.sensor set looked_at = ${now.toISOString()}
    from unnest(${names}::text[], ${sensors.map(({ everySeconds }) => everySeconds)}::float8[])
      as due (name, seconds)
    where sensor.name = due.name and not paused and (looked_at is null or
      abs(extract(epoch from ${now.toISOString()}::timestamptz - looked_at)) >= seconds)
    returning sensor.name, cursor`.execute(db)
  return rows
}

async function lookThrough(
  db: Db,
  sensor: Selecting<Sensor>,
  cursor: unknown,
  { now, plan, signal, timeoutMs = 30_000 }: LookOptions,
) {
  try {
    const found = await inTime(sensor, { db, cursor, signal }, timeoutMs)
    await take(db, sensor, { cursor, found, plan: { ...plan, now } })
  } catch (error) {
    if (signal.aborted) return
    await sql`
      update engine.sensor set error = ${messageOf(error)}, failures = failures + 1
      where name = ${sensor.name}`.execute(db)
  }
}

/** A look that does not listen to its signal is left to itself. */
async function inTime(
  sensor: Sensor,
  { db, cursor, signal }: { db: Db; cursor: unknown; signal: AbortSignal },
  timeoutMs: number,
): Promise<Sighting<unknown>> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const limited = AbortSignal.any([signal, timeout])
  const stopped = new Promise<never>((_, reject) => {
    limited.addEventListener('abort', () => reject(limited.reason as Error), { once: true })
  })
  try {
    return await Promise.race([sensor.look({ db, cursor, signal: limited }), stopped])
  } catch (error) {
    if (!timeout.aborted) throw error
    throw new Error(`The look took longer than ${timeoutMs / 1000} s.`, { cause: error })
  }
}

/** Writes down in one transaction how far it has looked and the run that it starts for it. */
async function take(
  db: Db,
  sensor: Selecting<Sensor>,
  { cursor, found, plan }: { cursor: unknown; found: Sighting<unknown>; plan: PlanOptions },
) {
  const { name } = sensor
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ cursor: unknown }>`
      select cursor from engine.sensor where name = ${name} for update`.execute(tx)
    // A look that took longer than the time to the next one, and found the same.
    if (!isDeepStrictEqual(rows[0]?.cursor ?? null, cursor)) return
    const run = found.due
      ? await startRunIn(tx, plan, {
          kind: 'sensor',
          request: { sensor: name },
          only: new Set(namesOf(sensor, found, plan.assets)),
          because: found.reason,
        })
      : null
    // A run under way may have looked before: the same is found again, and is due then.
    const next = run?.resumed ? cursor : (found.cursor ?? null)
    await sql`
      update engine.sensor
      set cursor = ${JSON.stringify(next)}::jsonb, last_run = coalesce(${run?.id ?? null}, last_run),
          error = null, failures = 0
      where name = ${name}`.execute(tx)
  })
}

function namesOf({ units }: Selecting<Sensor>, found: Sighting<unknown>, assets: readonly Asset[]) {
  const chosen = found.select === undefined ? units : select(found.select, assets)
  return chosen.map(({ name }) => name)
}
