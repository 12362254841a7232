import { CronExpressionParser } from 'cron-parser'

import { zoneNamed } from '#kit/zone.ts'

import { firstInstantOf } from './wall-clock.ts'

/** When something is due: a cron expression, on the clocks of a zone. */
export interface Timing {
  cron: string
  zone: string
}

/** No zone puts its clocks further back at once, but for those that changed their date. */
const furthestBackMs = 3 * 3_600_000

/**
 * The next time after an instant. A time of day that the clocks skip is due when they have skipped it;
 * one that they show twice is due once. What is due every hour is so every 60 minutes, whatever the
 * clocks do.
 */
export function nextDue({ cron, zone }: Timing, after: Date): Date {
  const isHourly = CronExpressionParser.parse(cron).fields.hour.values.length === 24
  if (isHourly) return nextOf(cron, zone, after)
  // cron-parser loses times that are skipped, and repeats others: it is asked for wall clocks alone.
  const wallMs = after.getTime() + zoneNamed(zone).offsetAt(after.getTime() / 1000) * 1000
  const times = CronExpressionParser.parse(cron, {
    tz: 'UTC',
    currentDate: new Date(wallMs - furthestBackMs),
  })
  for (;;) {
    const instant = firstInstantOf(zone, times.next().getTime() / 1000) * 1000
    if (instant > after.getTime()) return new Date(instant)
  }
}

/** The newest time after one instant and up to another; null if there is none. */
export function newestDue(timing: Timing, after: Date, now: Date): Date | null {
  // What is due every minute is not counted through from three days ago.
  for (const hours of [1, 24, 32 * 24, Infinity]) {
    const from = new Date(Math.max(after.getTime(), now.getTime() - hours * 3_600_000))
    let newest: Date | null = null
    for (let next = nextDue(timing, from); next <= now; next = nextDue(timing, next)) newest = next
    if (newest || from <= after) return newest
  }
  return null
}

/** Refuses what is no cron expression of five fields, or is never due. */
export function requireTiming({ cron, zone }: Timing): void {
  zoneNamed(zone)
  const fields = cron.trim().split(/\s+/)
  if (fields.length !== 5)
    throw new Error(`"${cron}" has ${fields.filter(Boolean).length} fields. ${fiveFields}`)
  if (fields.some((field) => /(^|,)H/i.test(field)))
    throw new Error(`"${cron}" says H, which is some number or other. ${fiveFields}`)
  try {
    nextOf(cron, 'UTC', new Date())
  } catch (cause) {
    throw new Error(`"${cron}" is never due: ${(cause as Error).message}. ${fiveFields}`, { cause })
  }
}

const fiveFields =
  'A cron expression is minute, hour, day of the month, month and day of the week, such as 30 7 * * MON-FRI.'

function nextOf(cron: string, tz: string, after: Date): Date {
  return CronExpressionParser.parse(cron, { tz, currentDate: after }).next().toDate()
}
