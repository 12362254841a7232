import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, count, day, instant, month, text } from '#kit/columns.ts'
import { CURRENCIES, MARKETPLACES } from '../reference/codes.ts'

/** Fees as assessed: who owes what for which period, on which basis. A later assessment replaces the earlier. */
export const rawFee = source({
  name: 'raw.fee',
  description: 'Fees as assessed: who owes what for which period, on which basis.',
  contract: z.object({
    source: text(40).describe('System that sent the row'),
    fee_id: text(40).describe('The fee'),
    marketplace: code(MARKETPLACES).describe('Marketplace that pays on behalf and charges on'),
    seller_id: text(40).describe('Seller charged'),
    category: text(40).describe('Producer-responsibility category'),
    fee_kind: code(['eco_contribution', 'service_fee']).describe('What is charged'),
    period: month().describe('Month of sales the fee is for'),
    quantity: count().nullable().describe('Units sold'),
    weight_grams: count().nullable().describe('Weight sold, in grams'),
    rate_card: text(40).nullable().describe('Rate card version applied'),
    currency: code(CURRENCIES).describe('ISO 4217 currency of every amount of the fee'),
    due_on: day().describe('Last day to pay, from the contract'),
    replaces_fee_id: text(40).nullable().describe('The fee this one was re-issued for'),
    recorded_at: instant().describe('When the source recorded this version'),
  }),
  grain: ['fee_id'],
  tags: ['fees'],
  version: 'recorded_at',
  distributeBy: 'fee_id',
  example: {
    source: 'epr_ledger',
    fee_id: 'F0000017',
    marketplace: 'DE',
    seller_id: 'S00042',
    category: 'packaging_paper',
    fee_kind: 'eco_contribution',
    period: '2026-09',
    quantity: '120',
    weight_grams: '48000',
    rate_card: 'DE-2026.1',
    currency: 'EUR',
    due_on: '2026-10-31',
    replaces_fee_id: '',
    recorded_at: '2026-10-01T06:12:09Z',
  },
})
