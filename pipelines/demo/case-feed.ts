import { rawCaseEvent } from '../cases/case-event.ts'
import { rawCase } from '../cases/case.ts'
import { agentId } from './agents.ts'
import type { Appeal, AppealEvent, Decision } from './appeals.ts'
import { DIRT, recordedAfter, send } from './dirt.ts'
import { FeedFiles } from './feed-files.ts'
import type { Written } from './feed-files.ts'
import { DAY, EXTRACTED_AT, instantText } from './time.ts'
import type { AppealTruth } from './truth/appeals.ts'

const DESK = 'case_desk'

/** Writes appeals and their events as the desk logs them, and tells the truth what is left after the dirt. */
export class CaseFeed {
  readonly #cases: FeedFiles
  readonly #events: FeedFiles
  readonly #truth: AppealTruth

  constructor(outDir: string, truth: AppealTruth) {
    this.#cases = new FeedFiles(
      outDir,
      'case',
      Object.keys(rawCase.contract.shape).join(','),
      'quarter',
    )
    this.#events = new FeedFiles(
      outDir,
      'case_event',
      Object.keys(rawCaseEvent.contract.shape).join(','),
      'quarter',
    )
    this.#truth = truth
  }

  /** Sends an appeal and as much of its life as was recorded before the feeds were extracted. */
  send(appeal: Appeal): void {
    const known: AppealEvent[] = []
    for (const event of appeal.events) {
      const recordedAt = recordedAfter(appeal.random, event.at)
      if (recordedAt > EXTRACTED_AT) break
      this.#sendEvent(appeal, event, known.length, recordedAt)
      known.push(event)
    }
    if (known.length === 0) return
    this.#sendCase(appeal)
    this.#truth.add({ marketplace: appeal.marketplace, events: known })
  }

  /** An appeal recorded at the very end, so that the feed is known to be complete up to there. */
  sendLast(appeal: Appeal): void {
    const received: AppealEvent = { type: 'received', at: appeal.receivedAt }
    this.#cases.write(EXTRACTED_AT / DAY, caseLine(appeal, appeal.reason, appeal.receivedAt + 1))
    this.#events.write(EXTRACTED_AT / DAY, eventLine(appeal, received, 0, EXTRACTED_AT))
    this.#truth.add({ marketplace: appeal.marketplace, events: [received] })
  }

  close(): Record<string, Written> {
    return { case: this.#cases.close(), case_event: this.#events.close() }
  }

  #sendCase(appeal: Appeal): void {
    const { random } = appeal
    const openedAt = Math.min(appeal.receivedAt + 1, EXTRACTED_AT)
    const correctedAt = openedAt + random.whole(600, 20_000)
    const isCorrected = random.chance(4 * DIRT.newerVersion) && correctedAt <= EXTRACTED_AT
    send(
      this.#cases,
      random,
      openedAt,
      caseLine(appeal, isCorrected ? 'other' : appeal.reason, openedAt),
    )
    if (isCorrected)
      send(this.#cases, random, correctedAt, caseLine(appeal, appeal.reason, correctedAt))
  }

  #sendEvent(appeal: Appeal, event: AppealEvent, number: number, recordedAt: number): void {
    const { random } = appeal
    const correctedAt = recordedAt + 2 * DAY
    if (event.decision && correctedAt <= EXTRACTED_AT && random.chance(2 * DIRT.newerVersion)) {
      const wrong: Decision = event.decision === 'upheld' ? 'overturned' : 'upheld'
      send(
        this.#events,
        random,
        recordedAt,
        eventLine(appeal, { ...event, decision: wrong }, number, recordedAt),
      )
      send(this.#events, random, correctedAt, eventLine(appeal, event, number, correctedAt))
    } else send(this.#events, random, recordedAt, eventLine(appeal, event, number, recordedAt))
  }
}

function caseLine(appeal: Appeal, reason: string, recordedAt: number): string {
  const subject = `${appeal.subject.startsWith('U') ? 'account' : 'listing'},${appeal.subject}`
  const seller = `S${appeal.seller.toString(36).padStart(4, '0')}`
  const head = `${DESK},${appeal.id},appeal,${appeal.level},${appeal.parent?.id ?? ''},${subject}`
  return `${head},${appeal.marketplace.code},${seller},${appeal.queue},${reason},${instantText(recordedAt)}\n`
}

function eventLine(appeal: Appeal, event: AppealEvent, number: number, recordedAt: number): string {
  const agent = event.agent === undefined ? '' : agentId(event.agent)
  const id = `${DESK},${appeal.id}${number.toString(36)},${appeal.id}`
  const times = `${instantText(event.at)},${instantText(recordedAt)}`
  return `${id},${event.type},${times},${agent},${event.decision ?? ''},${event.reason ?? ''}\n`
}
