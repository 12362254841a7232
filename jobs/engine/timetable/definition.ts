/** The words of jobs/schedule.ts. Defining does nothing: recoup up and recoup worker keep the time. */
import type { Kysely } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'

/** Times at which what is missing or stale of a selection is made. */
export interface Schedule {
  kind: 'schedule'
  name: string
  description: string
  /** Minute, hour, day of the month, month, day of the week: '0 6 * * *', '30 7 * * MON-FRI'. */
  cron: string
  /** IANA name, such as Europe/Berlin, whose clocks show those times. */
  zone: string
  /** As on the command line: fact_fee, +fact_fee, tag:fees+. */
  select: string
}

/** What a look found. */
export interface Sighting<Cursor> {
  /** How far it has looked; the next look gets it. Kept with the run, or not at all. */
  cursor: Cursor
  /** Whether there is something to do. */
  due: boolean
  /** Why, as its steps will say: 'new rows in crm.ticket'. */
  reason: string
  /** Something else than the sensor's own selection. */
  select?: string
}

/** What a look is given. */
export interface Look<Cursor> {
  db: Kysely<AnyDatabase>
  /** What the look before left; null the first time. */
  cursor: Cursor | null
  /** Aborted when it has taken too long, or Recoup ends. */
  signal: AbortSignal
}

/**
 * Looks every so often whether something happened. If so, the selection is made: the first of it
 * whether or not it is stale, the rest as far as that changed something.
 */
export interface Sensor {
  kind: 'sensor'
  name: string
  description: string
  everySeconds: number
  select: string
  // The cursor is whatever the look before gave.
  // oxlint-disable-next-line typescript/no-explicit-any
  look: (look: Look<any>) => Promise<Sighting<unknown>>
}

/** Declares a schedule. */
export const schedule = (definition: Omit<Schedule, 'kind'>): Schedule => ({
  kind: 'schedule',
  ...definition,
})

/** Declares a sensor. Its cursor is kept as JSON. */
export const sensor = <Cursor>(
  definition: Omit<Sensor, 'kind' | 'look'> & {
    look: (look: Look<Cursor>) => Promise<Sighting<Cursor>>
  },
): Sensor => ({ kind: 'sensor', ...definition })
