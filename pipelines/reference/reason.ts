import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, day, flag, text } from '#kit/columns.ts'

/** What the raw reason codes of each domain mean. */
export const rawReason = source({
  name: 'raw.reason',
  description: 'What the raw reason codes of each domain mean.',
  contract: z.object({
    domain: code(['fee', 'decline', 'case', 'decision', 'contact']).describe(
      'Feed family the code is used in',
    ),
    reason_code: text(40).describe('Code as the source writes it'),
    reason_group: text(40).describe('Group it is reported in'),
    is_avoidable: flag().describe('A defect of ours: removing it removes the contact'),
    valid_from: day().describe('First day the meaning holds'),
  }),
  grain: ['domain', 'reason_code'],
  tags: ['reference'],
  example: {
    domain: 'decline',
    reason_code: '51',
    reason_group: 'insufficient_funds',
    is_avoidable: 'false',
    valid_from: '2020-01-01',
  },
})
