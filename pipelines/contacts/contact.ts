import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, count, flag, instant, text } from '#kit/columns.ts'
import { MARKETPLACES } from '../reference/codes.ts'

/** Contacts about payments, one row an interaction however often it was passed on. */
export const rawContact = source({
  name: 'raw.contact',
  description:
    'Contacts about payments, one row an interaction, with its waiting and handling times.',
  contract: z.object({
    source: text(40).describe('System that sent the row'),
    source_event_id: text(40).describe('Identifier of the contact in that system'),
    channel: code(['voice', 'chat', 'email', 'bot']).describe('How the customer came'),
    direction: code(['inbound', 'outbound']).describe('Who began it'),
    site: text(40).nullable().describe('Site that answered; empty for the bot'),
    agent_id: text(40).nullable().describe('Agent who answered; empty when nobody did'),
    marketplace: code(MARKETPLACES).describe('Marketplace of the customer'),
    customer_id: text(40).describe('The customer'),
    payment_id: text(40).nullable().describe('The payment it is about, when known'),
    reason_code: text(40).describe('Why the customer came, in the words of the desk'),
    offered_at: instant().describe('When it was offered to the queue'),
    answered_at: instant()
      .nullable()
      .describe('When an agent answered; empty when abandoned or self-served'),
    wait_seconds: count().describe('From offered to answered or abandoned'),
    talk_seconds: count().describe('Talking or writing'),
    hold_seconds: count().describe('On hold'),
    wrap_seconds: count().describe('Work after the contact'),
    concurrent_sessions: count().describe('Sessions the agent held at once: 1 but for chat'),
    legs: count().describe('1, and 1 more for each transfer'),
    is_spam: flag().describe('Marked as spam by the desk'),
    recorded_at: instant().describe('When the source recorded it'),
  }),
  grain: ['source', 'source_event_id'],
  tags: ['contacts'],
  version: 'recorded_at',
  rules: [{ at: 'answered_at', must: { column: 'answered_at', is: '>=', other: 'offered_at' } }],
  distributeBy: 'source_event_id',
  example: {
    source: 'contact_desk',
    source_event_id: 'K0000789',
    channel: 'voice',
    direction: 'inbound',
    site: 'LIS',
    agent_id: 'A0042',
    marketplace: 'DE',
    customer_id: 'U000311',
    payment_id: 'P000000290',
    reason_code: 'card_declined',
    offered_at: '2026-10-14T09:41:00Z',
    answered_at: '2026-10-14T09:41:35Z',
    wait_seconds: '35',
    talk_seconds: '240',
    hold_seconds: '20',
    wrap_seconds: '45',
    concurrent_sessions: '1',
    legs: '1',
    is_spam: 'false',
    recorded_at: '2026-10-14T09:47:00Z',
  },
})
