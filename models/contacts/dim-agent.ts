import { sql } from 'kysely'
import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { text } from '#kit/columns.ts'
import { rawAgent } from '#pipelines/reference/agent.ts'

import { held, heldColumns } from '../history.ts'

const { agent_id, team, site, shore, vendor } = rawAgent.contract.shape

/** Agents as they were from a day on: one row a change of team or site. */
export const dimAgent = model({
  name: 'mart.dim_agent',
  description: 'Agents with their history: one row for each change of team, site or vendor.',
  contract: z.object({
    agent_key: text().describe('agent_id@valid_from: the agent as of then'),
    agent_id,
    ...heldColumns,
    team,
    site,
    shore,
    vendor,
  }),
  grain: ['agent_key'],
  reads: [rawAgent],
  query: (db) =>
    db
      .selectFrom('raw.agent as a')
      .select(({ ref }) => [
        sql<string>`${ref('a.agent_id')} || '@' || ${ref('a.valid_from')}`.as('agent_key'),
        'a.agent_id',
        'a.valid_from',
        ...held(ref('a.agent_id'), ref('a.valid_from')),
        'a.team',
        'a.site',
        'a.shore',
        'a.vendor',
      ]),
})
