import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, day, decimal, instant, text } from '#kit/columns.ts'
import { CURRENCIES, MARKETPLACES } from './codes.ts'

/** Rates of the fees by category and marketplace, with the day each was published. */
export const rawRateCard = source({
  name: 'raw.rate_card',
  description: 'Rates of the fees by category and marketplace, with the day each was published.',
  contract: z.object({
    rate_card: text(40).describe('Version'),
    marketplace: code(MARKETPLACES).describe('Marketplace'),
    category: text(40).describe('Category'),
    fee_kind: code(['eco_contribution', 'service_fee']).describe('Fee the rate is for'),
    basis: code(['unit', 'kg', 'flat', 'pct']).describe('What the rate is multiplied with'),
    rate: decimal().describe('Rate in major units of the currency, or percent'),
    currency: code(CURRENCIES).describe('Currency of the rate'),
    valid_from: day().describe('First day of sale it holds'),
    valid_to: day().nullable().describe('Last day; empty while in force'),
    published_at: instant().describe('When it was published'),
  }),
  grain: ['rate_card', 'marketplace', 'category', 'fee_kind'],
  tags: ['reference'],
  rules: [{ at: 'valid_to', must: { column: 'valid_to', is: '>=', other: 'valid_from' } }],
  example: {
    rate_card: 'DE-2026.1',
    marketplace: 'DE',
    category: 'packaging_paper',
    fee_kind: 'eco_contribution',
    basis: 'kg',
    rate: '0.21',
    currency: 'EUR',
    valid_from: '2026-01-01',
    valid_to: '',
    published_at: '2025-11-15T10:00:00Z',
  },
})
