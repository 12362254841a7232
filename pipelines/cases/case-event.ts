import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, instant, text } from '#kit/columns.ts'

/** Everything that can happen to a case. */
export const CASE_EVENT_TYPES = [
  'received',
  'auto_acknowledged',
  'assigned',
  'first_response',
  'paused',
  'resumed',
  'decided',
  'withdrawn',
  'invalid',
  'merged',
  'closed',
  'reopened',
] as const

/** What happened to a case, one row an event, as the desk logs it. */
export const rawCaseEvent = source({
  name: 'raw.case_event',
  description: 'What happened to a case: receipt, pauses, decision and closing, one row an event.',
  contract: z.object({
    source: text(40).describe('System that sent the row'),
    source_event_id: text(40).describe('Identifier of the event in that system'),
    case_id: text(40).describe('The case it happened to'),
    event_type: code(CASE_EVENT_TYPES).describe('What happened; paused: waiting on the seller'),
    occurred_at: instant().describe('When it happened'),
    recorded_at: instant().describe('When the source recorded it'),
    agent_id: text(40).nullable().describe('Who did it; empty for the machine'),
    decision: code(['upheld', 'overturned', 'partial'])
      .nullable()
      .describe('Of decided: the enforcement stands, falls, or falls in part'),
    reason_code: text(40).nullable().describe('Why it was decided so, in the words of the desk'),
  }),
  grain: ['source', 'source_event_id'],
  tags: ['cases'],
  version: 'recorded_at',
  distributeBy: 'source_event_id',
  example: {
    source: 'case_desk',
    source_event_id: 'CE0000456',
    case_id: 'C0000123',
    event_type: 'decided',
    occurred_at: '2026-10-15T14:05:00Z',
    recorded_at: '2026-10-15T14:05:02Z',
    agent_id: 'A0042',
    decision: 'overturned',
    reason_code: 'original_wrong',
  },
})
