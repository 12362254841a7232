import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { code, day, text } from '#kit/columns.ts'

/** Agents as they were from a day on: one row a change of team or site. */
export const rawAgent = source({
  name: 'raw.agent',
  description: 'Agents as they were from a day on, one row a change of team or site.',
  contract: z.object({
    agent_id: text(40).describe('The agent'),
    valid_from: day().describe('First day the row holds'),
    team: text(40).describe('Team'),
    site: text(40).describe('Site'),
    shore: code(['onshore', 'offshore']).describe("Whether the site is in the customers' region"),
    vendor: text(40).nullable().describe('Vendor that employs the agent; empty for our own'),
  }),
  grain: ['agent_id', 'valid_from'],
  tags: ['reference'],
  example: {
    agent_id: 'A0042',
    valid_from: '2024-01-01',
    team: 'payments_de',
    site: 'LIS',
    shore: 'onshore',
    vendor: '',
  },
})
