import * as z from 'zod'

import { source } from '#kit/asset.ts'
import { code, count, day, decimal, instant, text } from '#kit/columns.ts'

import { type MadeUp, pick, start, textOf } from './made-up.ts'

const MARKETPLACES = [
  ['US', 'USD'],
  ['CA', 'CAD'],
  ['MX', 'MXN'],
  ['BR', 'BRL'],
  ['UK', 'GBP'],
  ['DE', 'EUR'],
  ['FR', 'EUR'],
  ['IT', 'EUR'],
  ['ES', 'EUR'],
  ['NL', 'EUR'],
  ['SE', 'SEK'],
  ['PL', 'PLN'],
  ['TR', 'TRY'],
  ['AE', 'AED'],
  ['SA', 'SAR'],
  ['IN', 'INR'],
  ['JP', 'JPY'],
  ['AU', 'AUD'],
  ['SG', 'SGD'],
  ['BE', 'EUR'],
] as const
const CURRENCIES = [
  'USD',
  'CAD',
  'MXN',
  'BRL',
  'GBP',
  'EUR',
  'SEK',
  'PLN',
  'TRY',
  'AED',
  'SAR',
  'INR',
  'JPY',
  'AUD',
  'SGD',
] as const
const SCHEMES = ['fba', 'mfn', 'awd', 'mcf', 'sfp'] as const
const CATEGORIES = [
  'referral',
  'fulfilment',
  'storage',
  'long_term_storage',
  'removal',
  'disposal',
  'inbound_placement',
  'low_inventory',
  'returns_processing',
  'subscription',
  'advertising',
  'closing',
  'high_volume_listing',
  'refund_admin',
  'digital_services',
] as const
const STATUSES = ['charged', 'pending', 'reversed', 'disputed', 'waived'] as const

/** What a marketplace charges its sellers: the 14 columns that loading is measured with. */
const rawMarketplaceFee = source({
  name: 'raw.marketplace_fee',
  description: 'Fees a marketplace charged, one row a fee.',
  contract: z.object({
    fee_id: text(64).describe('Identifier of the fee; later fees have greater ones'),
    seller_id: text(40).describe('Seller charged'),
    marketplace: code(MARKETPLACES.map(([name]) => name) as ['US']).describe('Marketplace'),
    scheme: code(SCHEMES).describe('How the order was fulfilled'),
    category: code(CATEGORIES).describe('What was charged for'),
    currency: code(CURRENCIES).describe('ISO 4217 currency of the amounts'),
    amount: decimal().describe('Amount before tax; negative for a credit'),
    tax: decimal().describe('Tax on it'),
    quantity: count().describe('Units'),
    charged_at: instant().describe('When it was charged'),
    settled_on: day().nullable().describe('Day it was settled'),
    status: code(STATUSES).describe('What became of it'),
    reference: text(200).nullable().describe('Order or free text'),
    updated_at: instant().describe('When the row last changed'),
  }),
  grain: ['fee_id'],
  version: 'updated_at',
  rules: [
    { at: 'updated_at', must: { column: 'updated_at', is: '>=', other: 'charged_at' } },
    {
      at: 'settled_on',
      must: {
        any: [{ column: 'status', is: '=', value: 'pending' }, { present: 'settled_on' }],
      },
    },
  ],
  distributeBy: 'fee_id',
  example: {
    fee_id: 'F0000000001-1f3a',
    seller_id: 'A0000000002SXK',
    marketplace: 'DE',
    scheme: 'fba',
    category: 'storage',
    currency: 'EUR',
    amount: '12.50',
    tax: '2.38',
    quantity: '3',
    charged_at: '2025-01-14T09:30:00.250Z',
    settled_on: '2025-01-28',
    status: 'charged',
    reference: 'ORD-012345678-0123456',
    updated_at: '2025-01-15T09:30:00.250Z',
  },
})

/** 25 fees a second; one in four has no reference, one in twenty-five a reference that CSV must quote. */
export const marketplaceFees: MadeUp = {
  source: rawMarketplaceFee,
  breaks: [['charged_at', '2099-01-01T00:00:00.000Z']],
  cells(n, random, isCorrection) {
    const [marketplace, currency] = pick(random, MARKETPLACES)
    const digits = currency === 'JPY' ? 0 : 2
    const size = random.next() * random.next() * 250
    const amount = size.toFixed(digits)
    const chargedMs = start + n * 40 + Math.floor(random.next() * 40)
    const status = STATUSES[Math.min(4, Math.floor(random.next() * random.next() * 7))]!
    const updatedMs = chargedMs + Math.floor(random.next() * 864e5) + (isCorrection ? 864e6 : 0)
    return [
      `F${textOf(n, 10)}-${scrambled(n)}`,
      `A${Math.floor(random.next() * 2e5)
        .toString(36)
        .toUpperCase()
        .padStart(13, '0')}`,
      marketplace,
      pick(random, SCHEMES),
      pick(random, CATEGORIES),
      currency,
      random.next() < 0.08 && Number(amount) !== 0 ? `-${amount}` : amount,
      (Number(amount) * 0.19).toFixed(digits),
      String(1 + Math.floor(random.next() * random.next() * 40)),
      new Date(chargedMs).toISOString(),
      status === 'pending' ? null : new Date(chargedMs + 12096e5).toISOString().slice(0, 10),
      status,
      reference(random.next(), random.next()),
      new Date(updatedMs).toISOString(),
    ]
  },
}

function reference(kind: number, number: number): string | null {
  if (kind < 0.25) return null
  if (kind < 0.29) return `Order "bulk", lot ${Math.floor(number * 1e6)}`
  return `ORD-${textOf(number * 1e9, 9)}-${textOf((number * 1e16) % 1e7, 7)}`
}

/** Four hexadecimal digits that only the number decides: identifiers differ in more than a counter. */
function scrambled(n: number): string {
  return ((Math.imul(n, 0x9e3779b1) >>> 16) & 0xffff).toString(16).padStart(4, '0')
}
