import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, instant, minor, text } from '#kit/columns.ts'
import { CURRENCIES } from '../reference/codes.ts'

/** Everything that can happen to a fee after it was assessed. */
export const FEE_EVENT_TYPES = [
  'charged',
  'adjusted',
  'waived',
  'collected',
  'collection_reversed',
  'collection_failed',
  'refunded',
  'disputed',
  'dispute_closed',
  'sent_to_collections',
  'written_off',
  'recovered',
] as const

/** What happened to a fee, one row an event, as the ledger sends it. */
export const rawFeeEvent = source({
  name: 'raw.fee_event',
  description:
    'What happened to a fee: charges, corrections, cash and write-offs, one row an event.',
  contract: z.object({
    source: text(40).describe('System that sent the row'),
    source_event_id: text(40).describe('Identifier of the event in that system'),
    fee_id: text(40).describe('The fee it happened to'),
    event_type: code(FEE_EVENT_TYPES).describe('What happened'),
    occurred_at: instant().describe('When it happened'),
    recorded_at: instant().describe('When the source recorded it'),
    amount_minor: minor().describe(
      'Amount in minor units; signed for adjusted, else not negative; 0 where no money moves',
    ),
    amount_kind: code(['delta', 'restated']).describe(
      'delta: a change. restated: the new total charge of the fee',
    ),
    currency: code(CURRENCIES).describe('ISO 4217 currency of the amount'),
    reason_code: text(40).nullable().describe('Why, in the words of the source'),
    supersedes: text(40).nullable().describe('The event of the same source that this one corrects'),
  }),
  grain: ['source', 'source_event_id'],
  tags: ['fees'],
  version: 'recorded_at',
  rules: [
    {
      at: 'amount_minor',
      must: {
        when: { column: 'event_type', is: '<>', value: 'adjusted' },
        holds: { column: 'amount_minor', is: '>=', value: 0 },
      },
    },
  ],
  distributeBy: 'source_event_id',
  example: {
    source: 'epr_ledger',
    source_event_id: 'FE00000041',
    fee_id: 'F0000017',
    event_type: 'collected',
    occurred_at: '2026-10-14T09:30:00Z',
    recorded_at: '2026-10-14T09:31:12Z',
    amount_minor: '1999',
    amount_kind: 'delta',
    currency: 'EUR',
    reason_code: '',
    supersedes: '',
  },
})
