import { rawFeeEvent } from '../fees/fee-event.ts'
import { rawFee } from '../fees/fee.ts'
import { DIRT, recordedAfter, send } from './dirt.ts'
import type { FeeEvent } from './fee-life.ts'
import { FeedFiles } from './feed-files.ts'
import type { Cut, Written } from './feed-files.ts'
import type { Fee } from './fees.ts'
import type { Random } from './random.ts'
import { DAY, dateText, EXTRACTED_AT, HOUR, instantText } from './time.ts'
import type { FeeTruth } from './truth/fees.ts'

const LEDGER = 'epr_ledger'

/** One row of the fee event feed, before dirt. */
interface Row {
  id: string
  feeId: string
  event: FeeEvent
  recordedAt: number
  amount: number
  kind: 'delta' | 'restated'
  currency: string
  supersedes: string
}

/** Writes fees and their events as the ledger sends them, and tells the truth what is left after the dirt. */
export class FeeFeed {
  readonly #fees: FeedFiles
  readonly #events: FeedFiles
  readonly #truth: FeeTruth

  constructor(outDir: string, cut: Cut, truth: FeeTruth) {
    this.#fees = new FeedFiles(outDir, 'fee', Object.keys(rawFee.contract.shape).join(','), cut)
    this.#events = new FeedFiles(
      outDir,
      'fee_event',
      Object.keys(rawFeeEvent.contract.shape).join(','),
      cut,
    )
    this.#truth = truth
  }

  /** Sends a fee and as much of its life as was recorded before the feeds were extracted. */
  send(fee: Fee, life: readonly FeeEvent[], random: Random): void {
    const assessedAt = fee.chargedAt - 2 * HOUR
    const known: FeeEvent[] = []
    let charge = 0
    for (const event of life) {
      const recordedAt = Math.max(recordedAfter(random, event.at), event.at)
      if (recordedAt > EXTRACTED_AT) break
      if (event.type === 'charged' || event.type === 'adjusted') charge += event.amount
      else if (event.type === 'waived') charge -= event.amount
      this.#sendEvent(fee, event, charge, known.length, recordedAt, random)
      known.push(event)
    }
    if (known.length === 0) return
    this.#sendFee(fee, assessedAt, random)
    this.#truth.add({
      marketplace: fee.marketplace,
      exponent: fee.exponent,
      dueOn: fee.dueOn,
      events: known,
    })
  }

  /** An event recorded at the very end, so that the feed is known to be complete up to there. */
  sendLast(fee: Fee): void {
    const event: FeeEvent = {
      type: 'charged',
      at: fee.chargedAt,
      amount: fee.charged,
      reason: null,
    }
    this.#fees.write(Math.floor(fee.chargedAt / DAY), feeLine(fee, fee.dueOn, fee.chargedAt - HOUR))
    this.#events.write(
      EXTRACTED_AT / DAY,
      eventLine(rowOf(fee, event, fee.charged, `${fee.id}a`, EXTRACTED_AT)),
    )
    this.#truth.add({
      marketplace: fee.marketplace,
      exponent: fee.exponent,
      dueOn: fee.dueOn,
      events: [event],
    })
  }

  /** A collection in a currency that nobody knows: it must end in quarantine. */
  sendUnknownCurrency(fee: Fee, at: number): void {
    const event: FeeEvent = { type: 'collected', at, amount: 1999, reason: null }
    const row = { ...rowOf(fee, event, event.amount, `${fee.id}-eux`, at + 60), currency: 'EUX' }
    this.#events.write(Math.floor(at / DAY), eventLine(row))
  }

  close(): Record<string, Written> {
    return { fee: this.#fees.close(), fee_event: this.#events.close() }
  }

  #sendFee(fee: Fee, assessedAt: number, random: Random): void {
    const correctedAt = fee.chargedAt + DAY
    if (correctedAt < EXTRACTED_AT && random.chance(DIRT.newerVersion)) {
      send(this.#fees, random, assessedAt, feeLine(fee, fee.dueOn + 21, assessedAt))
      send(this.#fees, random, correctedAt, feeLine(fee, fee.dueOn, correctedAt))
    } else send(this.#fees, random, assessedAt, feeLine(fee, fee.dueOn, assessedAt))
  }

  #sendEvent(
    fee: Fee,
    event: FeeEvent,
    charge: number,
    at: number,
    recordedAt: number,
    random: Random,
  ): void {
    const id = `${fee.id}${at.toString(36)}`
    const isRestated =
      (event.type === 'adjusted' && random.chance(0.3)) ||
      (event.type === 'charged' && random.chance(0.01))
    const row: Row = rowOf(fee, event, event.amount, id, recordedAt)
    if (isRestated) Object.assign(row, { amount: charge, kind: 'restated' })
    const draw = random.next()
    const correctedAt = recordedAt + Math.floor(random.between(0.5, 3) * DAY)
    const isWrongFirst =
      event.amount > 0 && correctedAt <= EXTRACTED_AT && draw < DIRT.superseded + DIRT.newerVersion
    if (isWrongFirst) {
      const isSuperseded = draw < DIRT.superseded
      const wrongId = isSuperseded ? `${id}w` : id
      const wrong = { ...row, id: wrongId, amount: Math.round(row.amount * 1.2) + 1 }
      send(this.#events, random, recordedAt, eventLine(wrong))
      Object.assign(row, { recordedAt: correctedAt, supersedes: isSuperseded ? wrongId : '' })
    }
    send(this.#events, random, row.recordedAt, eventLine(row))
  }
}

function rowOf(fee: Fee, event: FeeEvent, amount: number, id: string, recordedAt: number): Row {
  return {
    id,
    feeId: fee.id,
    event,
    recordedAt,
    amount,
    kind: 'delta',
    currency: fee.marketplace.currency,
    supersedes: '',
  }
}

function eventLine({
  id,
  feeId,
  event,
  recordedAt,
  amount,
  kind,
  currency,
  supersedes,
}: Row): string {
  const times = `${instantText(event.at)},${instantText(recordedAt)}`
  return `${LEDGER},${id},${feeId},${event.type},${times},${amount},${kind},${currency},${event.reason ?? ''},${supersedes}\n`
}

function feeLine(fee: Fee, dueOn: number, recordedAt: number): string {
  const who = `${LEDGER},${fee.id},${fee.marketplace.code},${fee.seller.id},${fee.category},${fee.kind},${fee.period}`
  const basis = `${fee.quantity ?? ''},${fee.weightGrams ?? ''},${fee.rateCard},${fee.marketplace.currency}`
  return `${who},${basis},${dateText(dueOn)},,${instantText(recordedAt)}\n`
}
