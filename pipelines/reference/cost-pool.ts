import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, minor, month, text } from '#kit/columns.ts'
import { CURRENCIES } from './codes.ts'

/** What a site's channel cost in a month, fully loaded. */
export const rawCostPool = source({
  name: 'raw.cost_pool',
  description: "What a site's channel cost in a month, fully loaded.",
  contract: z.object({
    month: month().describe('Month of the cost'),
    site: text(40).describe('Site'),
    channel: code(['voice', 'chat', 'email']).describe('Channel'),
    cost_minor: minor().describe('Cost in minor units'),
    currency: code(CURRENCIES).describe('Currency of the cost'),
  }),
  grain: ['month', 'site', 'channel'],
  tags: ['reference'],
  example: {
    month: '2026-09',
    site: 'LIS',
    channel: 'voice',
    cost_minor: '4210000',
    currency: 'EUR',
  },
})
