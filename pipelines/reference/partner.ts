import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, day, text } from '#kit/columns.ts'

/** Payment partners under contract. */
export const rawPartner = source({
  name: 'raw.partner',
  description: 'Payment partners under contract.',
  contract: z.object({
    partner: text(40).describe('The partner'),
    partner_kind: code(['acquirer', 'wallet', 'bnpl', 'bank', 'points']).describe('What it does'),
    contracted_on: day().describe('First day of the contract'),
  }),
  grain: ['partner'],
  tags: ['reference'],
  example: { partner: 'acquirer_a', partner_kind: 'acquirer', contracted_on: '2021-01-01' },
})
