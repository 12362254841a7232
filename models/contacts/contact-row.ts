import * as z from 'zod'

import { day, decimal, flag, text } from '#kit/columns.ts'
import { rawContact } from '#pipelines/contacts/contact.ts'

import { dimAgent } from './dim-agent.ts'

const contact = rawContact.contract.shape
const agent = dimAgent.contract.shape

/** A contact in mart.fact_contact: as the desk sent it, dated, costed and tied to its issue. */
export const contactRow = z.object({
  source: contact.source,
  source_event_id: contact.source_event_id,
  channel: contact.channel,
  direction: contact.direction,
  site: contact.site,
  shore: agent.shore.nullable().describe("The agent's shore on that day; empty without an agent"),
  agent_id: contact.agent_id,
  agent_key: agent.agent_key.nullable().describe('The agent as of that day'),
  marketplace: contact.marketplace,
  customer_id: contact.customer_id,
  payment_id: contact.payment_id,
  reason_code: contact.reason_code,
  reason_group: text().describe('Group of the reason; unmapped: the code is unknown'),
  is_avoidable: flag().describe('Whether a defect of ours caused it; false when unmapped'),
  offered_at: contact.offered_at,
  answered_at: contact.answered_at,
  business_date: day().describe("Local date it was offered in the marketplace's zone"),
  wait_seconds: contact.wait_seconds,
  talk_seconds: contact.talk_seconds,
  hold_seconds: contact.hold_seconds,
  wrap_seconds: contact.wrap_seconds,
  legs: contact.legs,
  is_spam: contact.is_spam,
  is_counted: flag().describe('Inbound and not spam'),
  is_handled: flag().describe('Counted and answered by an agent'),
  handle_seconds: decimal().describe(
    'Talk, hold and wrap, divided by the sessions held at once; 0 when not handled',
  ),
  cost_eur: decimal().nullable().describe("Share of its pool's cost; 0 when not handled"),
  is_cost_provisional: flag().describe(
    'Whether the pool of its month is not known yet and an earlier rate stands in',
  ),
  is_issue: flag().describe(
    'First counted contact of the customer about the reason group in 7 days: opens an issue',
  ),
  is_mature_7d: flag().describe('Whether the 7 days after it are over'),
  is_resolved_first: flag().describe('An issue without a further contact in 7 days'),
  is_repeat_7d: flag().describe('A counted contact with one before it in 7 days'),
})
