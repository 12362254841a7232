import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, count, text } from '#kit/columns.ts'
import { CURRENCIES } from './codes.ts'

/** How many digits a source writes after the decimal point of a currency: its own habit, not only ISO 4217's. */
export const rawMinorUnit = source({
  name: 'raw.minor_unit',
  description: 'The minor-unit exponent of each source and currency.',
  contract: z.object({
    source: text(40).describe('System that sends the amounts'),
    currency: code(CURRENCIES).describe('Currency'),
    exponent: count().describe('Digits after the decimal point: 2 for cents'),
  }),
  grain: ['source', 'currency'],
  tags: ['reference'],
  example: { source: 'gateway', currency: 'JPY', exponent: '0' },
})
