import type { Kysely } from 'kysely'
import type * as z from 'zod'

import type { AnyDatabase } from '#kit/asset.ts'
import { refWatermark } from '#models/calendar/ref-watermark.ts'
import { factFeeEvent } from '#models/fees/fact-fee-event.ts'
import { factFee } from '#models/fees/fact-fee.ts'
import { dimMarketplace } from '#models/reference/dim-marketplace.ts'
import { dimReason } from '#models/reference/dim-reason.ts'
import { dimSeller } from '#models/reference/dim-seller.ts'
import { refFxRate } from '#models/reference/ref-fx-rate.ts'
import { refMinorUnit } from '#models/reference/ref-minor-unit.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { rawFee } from '#pipelines/fees/fee.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { rawMarketplace } from '#pipelines/reference/marketplace.ts'
import { rawReason } from '#pipelines/reference/reason.ts'
import { build, land } from '#test/kit/rows.ts'

type Fee = z.input<typeof rawFee.contract>
type FeeEvent = z.input<typeof rawFeeEvent.contract>
type Rate = z.input<typeof rawFxRate.contract>

/** A fee of 2026 in Germany, but for what the test says. */
export const fee = (given: Partial<Fee> & { fee_id: string }): Fee => ({
  source: 'epr_ledger',
  marketplace: 'DE',
  seller_id: 'S1',
  category: 'textile',
  fee_kind: 'eco_contribution',
  period: '2026-01',
  quantity: 1,
  weight_grams: 100,
  rate_card: null,
  currency: 'EUR',
  due_on: '2026-02-28',
  replaces_fee_id: null,
  recorded_at: '2026-01-01T00:00:00Z',
  ...given,
})

let events = 0

/** An event of fee F, recorded at once; identifiers grow in the order of writing. */
export const event = (
  event_type: FeeEvent['event_type'],
  occurred_at: string,
  amount_minor: number,
  given: Partial<FeeEvent> = {},
): FeeEvent => ({
  source: 'epr_ledger',
  source_event_id: `E${String(++events).padStart(6, '0')}`,
  fee_id: 'F',
  event_type,
  occurred_at: occurred_at.length === 10 ? `${occurred_at}T12:00:00Z` : occurred_at,
  recorded_at: occurred_at.length === 10 ? `${occurred_at}T12:00:00Z` : occurred_at,
  amount_minor,
  amount_kind: 'delta',
  currency: 'EUR',
  reason_code: null,
  supersedes: null,
  ...given,
})

export const rate = (currency: Rate['currency'], day: string, value: string): Rate => ({
  source: 'ecb',
  day,
  currency,
  rate: value,
})

const marketplaces = [
  ['DE', 'DE', 'EUR', 'Europe/Berlin'],
  ['PL', 'PL', 'PLN', 'Europe/Warsaw'],
  ['US', 'US', 'USD', 'America/New_York'],
  ['JP', 'JP', 'JPY', 'Asia/Tokyo'],
] as const

const reasons = [
  ['late_fee', 'penalty'],
  ['weight_fix', 'correction'],
] as const

/**
 * Lands a ledger and builds what fees are derived from, and their facts. The newest record is at
 * noon UTC after `asOf`, so that day has ended in every marketplace.
 */
export async function keepLedger(
  db: Kysely<AnyDatabase>,
  ledger: { fees?: Fee[]; events?: FeeEvent[]; rates?: Rate[]; asOf?: string },
) {
  const { fees = [fee({ fee_id: 'F' })], events: told = [], rates = [], asOf } = ledger
  await land(db, rawFee, fees)
  await land(db, rawFeeEvent, told)
  await land(db, rawFxRate, rates)
  await land(
    db,
    rawMarketplace,
    marketplaces.map(([marketplace, country, currency, zone]) => ({
      marketplace,
      country,
      currency,
      zone,
      launched_on: '2022-07-01',
    })),
  )
  await land(
    db,
    rawReason,
    reasons.map(([reason_code, reason_group]) => ({
      domain: 'fee',
      reason_code,
      reason_group,
      is_avoidable: false,
      valid_from: '2020-01-01',
    })),
  )
  if (asOf) await land(db, rawFeeEvent, [tick(asOf)])
  await build(db, dimMarketplace, dimReason, dimSeller, refMinorUnit, refFxRate, refWatermark)
  await build(db, factFeeEvent, factFee)
}

/** An event of no fee, that only moves the watermark. */
function tick(asOf: string): FeeEvent {
  const recorded_at = new Date(Date.parse(`${asOf}T12:00:00Z`) + 86_400_000).toISOString()
  return event('collection_failed', asOf, 0, { fee_id: 'nobody', recorded_at })
}
