import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, day, decimal } from '#kit/columns.ts'
import { CURRENCIES } from './codes.ts'

/** Reference rates per euro. Reads the wide file of the European Central Bank: a day a line, a currency a column. */
export const rawFxRate = source({
  name: 'raw.fx_rate',
  description: 'Exchange rates per euro, as the European Central Bank publishes them.',
  contract: z.object({
    source: code(['ecb', 'demo']).describe('Who publishes the rate; ecb is believed before demo'),
    day: day().describe('Day of publication'),
    currency: code(CURRENCIES).describe('Currency quoted'),
    rate: decimal().describe('Units of the currency for one euro'),
  }),
  grain: ['source', 'day', 'currency'],
  tags: ['reference'],
  reshape: oneRowPerCurrency,
  example: { Date: '2026-10-14', USD: '1.1684', JPY: '186.75', GBP: '0.87058' },
})

/** Empty and N/A cells are days without a rate, as published. The file ends each line with a comma. */
function oneRowPerCurrency(record: Record<string, string>): Record<string, string>[] {
  const { Date: published = '', Source: publisher = 'ecb', ...rates } = record
  return Object.entries(rates)
    .filter(([currency, rate]) => currency !== '' && rate !== '' && rate !== 'N/A')
    .map(([currency, rate]) => ({ source: publisher, day: published, currency, rate }))
}
