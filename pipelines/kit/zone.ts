import { listed, nearestFirst } from './words.ts'

const DAY = 86_400

/** A time zone. Instants are whole seconds since 1970, days are counted from 1970-01-01. */
export interface Zone {
  name: string
  /** Seconds that local clocks are ahead of UTC. */
  offsetAt: (second: number) => number
  /** The local day of an instant: the one that has begun and whose next has not. */
  dayOf: (second: number) => number
  /** The instant at which local clocks show this second of the day. */
  instantOf: (day: number, clock: number) => number
  /**
   * The instant at which the local day begins: the first on whose clocks it is at least that day. Where
   * clocks skip midnight that is later than 00:00; a day that is skipped begins as the next one does.
   */
  startOf: (day: number) => number
  /** The local day's length: 23 or 25 hours when clocks change. */
  lengthOf: (day: number) => number
}

const zones = new Map<string, Zone>()

/** The zone of this IANA name. */
export function zoneNamed(name: string): Zone {
  const known = zones.get(name)
  if (known) return known
  const zone = newZone(name)
  zones.set(name, zone)
  return zone
}

function newZone(name: string): Zone {
  const read = offsetReader(name)
  const offsetAt = remembered(read)

  function startOf(day: number): number {
    const local = day * DAY
    const start = local - offsetAt(local - DAY)
    const offset = offsetAt(start)
    // Unchanged on the way to midnight, or changed and back to the clock that shows it.
    const shifted = local - offset
    if (shifted === start || offsetAt(shifted) === offset) return shifted
    return changeBetween(read, shifted, start)
  }

  function dayOf(second: number): number {
    const day = Math.floor((second + offsetAt(second)) / DAY)
    // Clocks that go back over midnight show the old day once more.
    return second < startOf(day + 1) ? day : day + 1
  }

  return {
    name,
    offsetAt,
    dayOf,
    startOf,
    instantOf(day, clock) {
      const local = day * DAY + clock
      return local - offsetAt(local - offsetAt(local))
    },
    lengthOf: (day) => startOf(day + 1) - startOf(day),
  }
}

/** Finds changes of the clock if they are further apart: in all zones since 1900 that is a week, less an hour. */
const PROBE = 4 * DAY
const STRETCH = 256 * PROBE

/** The same offsets, asked for once per probe and kept as the instants from which each holds. */
function remembered(read: (second: number) => number): (second: number) => number {
  const stretches = new Map<number, Changes>()
  let place = NaN
  let near: Changes = { from: [], offset: [] }

  return (second) => {
    const at = Math.floor(second / STRETCH)
    if (at !== place) {
      near = stretches.get(at) ?? changesIn(read, at * STRETCH)
      stretches.set(at, near)
      place = at
    }
    let last = near.from.length - 1
    while (second < (near.from[last] as number)) last--
    return near.offset[last] as number
  }
}

/** The instants from which each offset holds, ascending. */
interface Changes {
  from: number[]
  offset: number[]
}

function changesIn(read: (second: number) => number, start: number): Changes {
  let known = read(start)
  const changes = { from: [start], offset: [known] }
  for (let second = start + PROBE; second <= start + STRETCH; second += PROBE) {
    const offset = read(second)
    if (offset === known) continue
    changes.from.push(changeBetween(read, second - PROBE, second))
    changes.offset.push(offset)
    known = offset
  }
  return changes
}

/** The first second with the later offset, known to lie in (before, after]. */
function changeBetween(read: (second: number) => number, before: number, after: number): number {
  const late = read(after)
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (read(middle) === late) after = middle
    else before = middle
  }
  return after
}

function offsetReader(zone: string): (second: number) => number {
  const format = formatOf(zone)
  return (second) => {
    const [, sign, hours = 0, minutes = 0, seconds = 0] =
      /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/.exec(format.format(second * 1000)) ?? []
    const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
    return sign === '-' ? -offset : offset
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    // JavaScript takes +01:00 for a zone too, which Postgres reads as one west of Greenwich.
    if (/^[+-]/.test(timeZone)) throw new RangeError('An offset is not a zone.')
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  } catch (cause) {
    const near = nearestFirst(timeZone, Intl.supportedValuesOf('timeZone')).slice(0, 3)
    throw new Error(`"${timeZone}" is not a time zone. The nearest names: ${listed(near)}.`, {
      cause,
    })
  }
}
