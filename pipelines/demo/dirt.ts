import type { FeedFiles } from './feed-files.ts'
import type { Random } from './random.ts'
import { DAY, EXTRACTED_AT } from './time.ts'

/** How dirty the feeds are, as shares of the rows. */
export const DIRT = {
  duplicated: 0.003,
  laterThanTwoDays: 0.02,
  laterThanTwoWeeks: 0.002,
  newerVersion: 0.002,
  superseded: 0.004,
} as const

/** When an event of this instant is recorded: mostly within two minutes, sometimes weeks later. */
export function recordedAfter(random: Random, occurredAt: number): number {
  const draw = random.next()
  if (draw >= DIRT.laterThanTwoDays) return occurredAt + 1 + Math.floor(draw * 120)
  const late = draw / DIRT.laterThanTwoDays
  const ofThem = DIRT.laterThanTwoWeeks / DIRT.laterThanTwoDays
  if (late < ofThem) return occurredAt + 14 * DAY + 1 + Math.floor((late / ofThem) * 26 * DAY)
  return occurredAt + 2 * DAY + 1 + Math.floor(((late - ofThem) / (1 - ofThem)) * 12 * DAY)
}

/** Writes a row, and now and then writes it twice: at once, or again in a file of a month later. */
export function send(files: FeedFiles, random: Random, recordedAt: number, line: string): void {
  const day = Math.floor(recordedAt / DAY)
  files.write(day, line)
  const draw = random.next()
  if (draw >= DIRT.duplicated) return
  const resentOn = draw < DIRT.duplicated / 2 ? day : day + 30
  files.write(Math.min(resentOn, EXTRACTED_AT / DAY), line)
}
