import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, day, text } from '#kit/columns.ts'

/** Sellers as they were from a day on: one row a change. */
export const rawSeller = source({
  name: 'raw.seller',
  description: 'Sellers as they were from a day on, one row a change.',
  contract: z.object({
    seller_id: text(40).describe('The seller'),
    valid_from: day().describe('First day the row holds'),
    tier: code(['large', 'medium', 'small']).describe('Size of the seller'),
    country: text(2).describe('ISO 3166 country of residence'),
    registration_status: code(['registered', 'pending', 'none']).describe('Producer registration'),
  }),
  grain: ['seller_id', 'valid_from'],
  tags: ['reference'],
  example: {
    seller_id: 'S00042',
    valid_from: '2024-01-01',
    tier: 'small',
    country: 'DE',
    registration_status: 'registered',
  },
})
