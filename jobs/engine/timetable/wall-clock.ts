import { zoneNamed } from '#kit/zone.ts'

/**
 * The instant at which a zone's clocks show a time, given as the second that UTC would show it at. Of a
 * time that they skip: the first instant after. Later times never give earlier instants.
 */
export function firstInstantOf(zone: string, wall: number): number {
  const { offsetAt, instantOf } = zoneNamed(zone)
  const shown = (second: number) => second + offsetAt(second)
  const day = Math.floor(wall / 86_400)
  const instant = instantOf(day, wall - day * 86_400)
  if (shown(instant) === wall) return instant
  let [before, after] = [instant - aDay, instant + aDay]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (shown(middle) < wall) before = middle
    else after = middle
  }
  return after
}

/** The longest that clocks ever skipped. */
const aDay = 86_400
