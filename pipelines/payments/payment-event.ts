import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, count, instant, minor, text } from '#kit/columns.ts'
import { daily } from '#kit/partitions/dimension.ts'
import { CURRENCIES, MARKETPLACES } from '../reference/codes.ts'

/** Payment attempts and the money that follows them, as our gateway logs them: also what a partner never saw. */
export const rawPaymentEvent = source({
  name: 'raw.payment_event',
  description: 'Payment attempts, captures and refunds as the gateway logs them, one row an event.',
  contract: z.object({
    source: text(40).describe('System that sent the row'),
    source_event_id: text(40).describe('Identifier of the event in that system'),
    payment_id: text(40).describe('The payment intent: one order, however many attempts'),
    event_type: code(['attempt', 'captured', 'refunded']).describe('What happened'),
    attempt_no: count()
      .nullable()
      .describe('1 for the first attempt; empty for captures and refunds'),
    occurred_at: instant().describe('When it happened'),
    recorded_at: instant().describe('When the source recorded it'),
    marketplace: code(MARKETPLACES).describe('Marketplace of the order'),
    partner: text(40).describe('Payment partner asked'),
    method: code(['card', 'wallet', 'bnpl', 'bank_transfer', 'points']).describe('Payment method'),
    outcome: code(['authorised', 'declined', 'error', 'blocked', 'challenged'])
      .nullable()
      .describe(
        'Of an attempt. error: no answer from the partner; blocked: by our risk check; challenged: 3DS not completed',
      ),
    reason_code: text(40).nullable().describe("Why it was declined, in the partner's words"),
    amount_minor: minor().describe('Amount in minor units; 0 for a card verification'),
    currency: code(CURRENCIES).describe('ISO 4217 currency of the amount'),
  }),
  grain: ['source', 'source_event_id'],
  tags: ['payments'],
  version: 'recorded_at',
  rules: [
    {
      at: 'attempt_no',
      must: {
        when: { column: 'event_type', is: '=', value: 'attempt' },
        holds: { present: 'attempt_no' },
      },
    },
  ],
  distributeBy: 'source_event_id',
  // Days of Universal Time, which every marketplace's days lie across.
  partitionedBy: { occurred_at: daily() },
  example: {
    source: 'gateway',
    source_event_id: 'PE0000000311',
    payment_id: 'P000000290',
    event_type: 'attempt',
    attempt_no: '1',
    occurred_at: '2026-10-14T09:30:00Z',
    recorded_at: '2026-10-14T09:30:01Z',
    marketplace: 'DE',
    partner: 'acquirer_a',
    method: 'card',
    outcome: 'declined',
    reason_code: '51',
    amount_minor: '4590',
    currency: 'EUR',
  },
})
