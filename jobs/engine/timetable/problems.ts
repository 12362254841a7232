import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Asset } from '#kit/asset.ts'

import type { Alert } from '../../alerts/alert.ts'
import { displayInstant, several } from '../../terminal/values.ts'
import { leadOf, unitsOf } from '../graph.ts'
import { brokenChecks, type BrokenCheck } from './broken-checks.ts'
import { type Failing, failingOf } from './failing.ts'
import { type Freshness, freshnessOf } from '../freshness.ts'
import type { Timetable } from './timetable.ts'

type Db = Kysely<AnyDatabase>

/** The ends of a problem, by the word its key begins with. */
export const endings = {
  failed: 'It was made again.',
  check: 'The rule holds again.',
  late: 'It is there.',
  sensor: 'It looks again.',
  schedule: 'It starts again.',
} as const

/** One look at a sensor may fail for a network's sake. */
const looksThatMayFail = 2

/**
 * What is wrong now, read from the tables: assets that failed and were not made since, rules that present
 * rows break, assets that are late, sensors and schedules that fail. Each has a key of its own that
 * does not change while it lasts. A rule that blocks is in the words of the asset that failed for it.
 */
export async function problemsOf(
  db: Db,
  { assets, timetable, now }: { assets: readonly Asset[]; timetable: Timetable; now: Date },
): Promise<Alert[]> {
  const units = unitsOf(assets)
  const failing = await failingOf(db, units)
  const broken = await brokenChecks(db, assets)
  const fresh = await freshnessOf(db, assets, now)
  return [
    ...units.flatMap((unit) => {
      const failure = failing.get(unit.name)
      return failure ? failedAlert(failure, leadOf(unit)) : []
    }),
    ...broken.map(checkAlert),
    ...assets.flatMap((asset) => lateAlert(asset, fresh.get(asset.name))),
    ...(await timetableAlerts(db, timetable)),
  ]
}

function failedAlert({ unit, run, step, partition, error, steps }: Failing, lead: Asset): Alert {
  const others = steps > 1 ? `${several(steps, 'step')} of it failed and were not made since.` : ''
  return {
    key: `failed: ${unit}`,
    severity: 'error',
    title: `${unit} failed`,
    body: [error ?? 'It did not say why.', others].filter(Boolean).join('\n'),
    about: { run, step, asset: lead.name, ...about(lead, partition) },
  }
}

function checkAlert({ asset, name, because, partition, broken, run }: BrokenCheck): Alert {
  return {
    key: `check: ${asset.name}: ${name}`,
    severity: 'warning',
    title: `${asset.name}: ${name}`,
    body: `${several(broken, 'row')} ${broken === 1 ? 'breaks' : 'break'} this rule. ${because}`,
    about: { run, asset: asset.name, ...about(asset, partition) },
  }
}

function lateAlert(asset: Asset, freshness: Freshness | undefined): Alert[] {
  if (freshness?.state !== 'late') return []
  const { since, expected, lastMaterialized } = freshness
  const what = expected === null ? 'It was' : `${expected} is not there. It was`
  return [
    {
      key: `late: ${asset.name}`,
      severity: 'warning',
      title: `${asset.name} is late`,
      body:
        `${what} last made ${lastMaterialized ? displayInstant(lastMaterialized) : 'never'}, ` +
        `and late since ${displayInstant(since!)}: ${asset.freshHours} hours are allowed.`,
      about: { asset: asset.name, ...about(asset, expected ?? '') },
    },
  ]
}

function about({ owner }: Asset, partition: string) {
  return { ...(partition && { partition }), ...(owner !== null && { owner }) }
}

async function timetableAlerts(db: Db, { schedules, sensors }: Timetable): Promise<Alert[]> {
  if (schedules.length + sensors.length === 0) return []
  const { rows } = await sql<{ kind: 'sensor' | 'schedule'; name: string; error: string }>`
    select 'sensor' as kind, name, error from engine.sensor
    where name = any(${sensors.map(({ name }) => name)}::text[])
      and failures > ${looksThatMayFail} and not paused
    union all
    select 'schedule', name, error from engine.schedule
    where name = any(${schedules.map(({ name }) => name)}::text[])
      and error is not null and not paused`.execute(db)
  return rows.map(({ kind, name, error }) => ({
    key: `${kind}: ${name}`,
    severity: 'error',
    title: `The ${kind} ${name} fails`,
    body: error,
  }))
}
