import { CALENDAR_DAYS, CALENDAR_START, DAY, HOUR } from './time.ts'

/** A time zone over the demo's calendar: its offsets are looked up once, not per event. */
export class Zone {
  readonly name: string
  /** Instants from which each offset holds, ascending, closed by infinity. */
  readonly #from: number[] = []
  readonly #offset: number[] = []
  readonly #midnights: Float64Array
  /** Events come in runs: the offset found last is usually the next one too. */
  #last = 0

  constructor(name: string) {
    this.name = name
    const offsetAt = offsetReader(name)
    let known = offsetAt((CALENDAR_START - 1) * DAY)
    this.#from.push(-Infinity)
    this.#offset.push(known)
    for (
      let second = CALENDAR_START * DAY;
      second < (CALENDAR_START + CALENDAR_DAYS) * DAY;
      second += DAY
    ) {
      const offset = offsetAt(second)
      if (offset === known) continue
      this.#from.push(changeBetween(offsetAt, second - DAY, second))
      this.#offset.push(offset)
      known = offset
    }
    this.#from.push(Infinity)
    this.#midnights = Float64Array.from({ length: CALENDAR_DAYS + 1 }, (_, at) =>
      this.instantOf(CALENDAR_START + at, 0),
    )
  }

  /** Seconds that local clocks are ahead of UTC. */
  offsetAt(second: number): number {
    let at = this.#last
    while (second < (this.#from[at] as number)) at--
    while (second >= (this.#from[at + 1] as number)) at++
    this.#last = at
    return this.#offset[at] as number
  }

  /** The local date of an instant. */
  dayOf(second: number): number {
    return Math.floor((second + this.offsetAt(second)) / DAY)
  }

  /** The instant at which local clocks show this second of the day. */
  instantOf(day: number, clock: number): number {
    const local = day * DAY + clock
    return local - this.offsetAt(local - this.offsetAt(local))
  }

  /** The instant at which the local day begins. */
  startOf(day: number): number {
    return this.#midnights[day - CALENDAR_START] as number
  }

  /** The local day's length: 23 or 25 hours when clocks change. */
  lengthOf(day: number): number {
    return this.startOf(day + 1) - this.startOf(day)
  }
}

const zones = new Map<string, Zone>()

/** The zone of this IANA name. */
export function zoneNamed(name: string): Zone {
  const zone = zones.get(name) ?? new Zone(name)
  zones.set(name, zone)
  return zone
}

function offsetReader(zone: string): (second: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  return (second) => {
    const text = format.format(second * 1000)
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text) ?? []
    const offset = Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * 60
    return sign === '-' ? -offset : offset
  }
}

/** The first second with the later offset, known to lie in (before, after]. */
function changeBetween(
  offsetAt: (second: number) => number,
  before: number,
  after: number,
): number {
  const late = offsetAt(after)
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetAt(middle) === late) after = middle
    else before = middle
  }
  return after
}
