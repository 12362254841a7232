import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, day, text } from '#kit/columns.ts'
import { CURRENCIES, MARKETPLACES } from './codes.ts'

/** The marketplaces: country, currency, zone and launch. */
export const rawMarketplace = source({
  name: 'raw.marketplace',
  description: 'The marketplaces: country, currency, zone and launch.',
  contract: z.object({
    marketplace: code(MARKETPLACES).describe('Marketplace code'),
    country: text(2).describe('ISO 3166 country'),
    currency: code(CURRENCIES).describe('Currency of its prices'),
    zone: text(40).describe('IANA time zone its business dates are in'),
    launched_on: day().describe('First day of the fee programme there'),
  }),
  grain: ['marketplace'],
  tags: ['reference'],
  example: {
    marketplace: 'DE',
    country: 'DE',
    currency: 'EUR',
    zone: 'Europe/Berlin',
    launched_on: '2022-07-01',
  },
})
