import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'

import { example } from './feed-file.ts'

/** A file of fee events as they come: some are corrected further down, some break the contract. */
export interface MessyFile {
  content: string
  records: Record<string, string>[]
  rows: number
  /** Different events among the rows that keep the contract. */
  events: number
  /** Rows that break the contract. */
  broken: number
}

/** Makes a messy file; the seed decides which rows are corrected and which are broken. */
export function messyFile(rows: number, seed = 1): MessyFile {
  const random = randomFrom(seed)
  const [header] = example(rawFeeEvent)
  const lines = [header]
  let events = 0
  let broken = 0
  for (let i = 0; i < rows; i++) {
    const dice = random()
    const isBroken = dice < 0.02
    const isCorrection = !isBroken && dice < 0.1 && events > 0
    const event = isCorrection ? Math.floor(random() * events) : events
    const minute = String(Math.floor(random() * 60)).padStart(2, '0')
    lines.push(
      example(rawFeeEvent, {
        source_event_id: `E${event}`,
        amount_minor: isBroken ? '12.50' : String(i),
        recorded_at: `2026-10-14T${isCorrection ? '10' : '09'}:${minute}:00Z`,
      })[1],
    )
    if (isBroken) broken++
    else if (!isCorrection) events++
  }
  const names = header.split(',')
  const records = lines.slice(1).map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(names.map((name, at) => [name, cells[at] ?? '']))
  })
  return { content: `${lines.join('\n')}\n`, records, rows, events, broken }
}

/** Numbers from 0 to 1 that only look random. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
