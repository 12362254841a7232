import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, count, day, flag, text } from '#kit/columns.ts'

/** Service levels: which clock, what pauses it, how long. */
export const rawSlaPolicy = source({
  name: 'raw.sla_policy',
  description: 'Service levels: which clock, what pauses it, how long.',
  contract: z.object({
    policy: text(40).describe('The policy'),
    case_type: code(['appeal']).describe('Kind of case it holds for'),
    queue: text(40).describe('Queue it holds for'),
    clock: code(['calendar', 'business']).describe(
      'calendar: every second counts. business: open hours of the calendar',
    ),
    calendar: text(40).nullable().describe('Calendar of the business clock'),
    pauses_while_waiting: flag().describe('Whether waiting on the seller stops the clock'),
    target_seconds: count().describe('Time allowed to the first decision of a cycle'),
    valid_from: day().describe('First day of receipt it holds'),
    valid_to: day().nullable().describe('Last day; empty while in force'),
  }),
  grain: ['policy'],
  tags: ['reference'],
  rules: [
    { at: 'valid_to', must: { column: 'valid_to', is: '>=', other: 'valid_from' } },
    {
      at: 'calendar',
      must: {
        when: { column: 'clock', is: '=', value: 'business' },
        holds: { present: 'calendar' },
      },
    },
  ],
  example: {
    policy: 'appeals_de_1',
    case_type: 'appeal',
    queue: 'appeals_de',
    clock: 'calendar',
    calendar: '',
    pauses_while_waiting: 'true',
    target_seconds: '259200',
    valid_from: '2024-01-01',
    valid_to: '',
  },
})
