import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, count, instant, text } from '#kit/columns.ts'
import { MARKETPLACES } from '../reference/codes.ts'

/** Cases as opened at the desk: who asks what about which subject. Appeals first. */
export const rawCase = source({
  name: 'raw.case',
  description: 'Cases as opened at the desk: who asks what about which subject.',
  contract: z.object({
    source: text(40).describe('System that sent the row'),
    case_id: text(40).describe('The case'),
    case_type: code(['appeal']).describe('Kind of case'),
    level: count().describe('1 for a first appeal, 2 for a second'),
    parent_case_id: text(40).nullable().describe('The case this one appeals against, for level 2'),
    subject_type: code(['listing', 'account', 'payment', 'fee']).describe('What the case is about'),
    subject_id: text(40).describe('Identifier of that subject'),
    marketplace: code(MARKETPLACES).describe('Marketplace of the subject'),
    seller_id: text(40).describe('Seller who asks'),
    queue: text(40).describe('Queue that works the case; its SLA policy is keyed by it'),
    reason_code: text(40).describe('What is appealed against, in the words of the desk'),
    recorded_at: instant().describe('When the source recorded this version'),
  }),
  grain: ['case_id'],
  tags: ['cases'],
  version: 'recorded_at',
  rules: [
    {
      at: 'parent_case_id',
      must: { when: { column: 'level', is: '=', value: 2 }, holds: { present: 'parent_case_id' } },
    },
  ],
  distributeBy: 'case_id',
  example: {
    source: 'case_desk',
    case_id: 'C0000123',
    case_type: 'appeal',
    level: '1',
    parent_case_id: '',
    subject_type: 'listing',
    subject_id: 'L0009981',
    marketplace: 'DE',
    seller_id: 'S00042',
    queue: 'appeals_de',
    reason_code: 'counterfeit',
    recorded_at: '2026-10-14T09:30:00Z',
  },
})
