import type { Kysely } from 'kysely'
import type * as z from 'zod'

import type { AnyDatabase } from '#kit/asset.ts'
import { refWatermark } from '#models/calendar/ref-watermark.ts'
import { dimAgent } from '#models/contacts/dim-agent.ts'
import { dimMarketplace } from '#models/reference/dim-marketplace.ts'
import { dimReason } from '#models/reference/dim-reason.ts'
import { refCostPool } from '#models/reference/ref-cost-pool.ts'
import { refFxRate } from '#models/reference/ref-fx-rate.ts'
import { refMinorUnit } from '#models/reference/ref-minor-unit.ts'
import { rawContact } from '#pipelines/contacts/contact.ts'
import { rawAgent } from '#pipelines/reference/agent.ts'
import { rawCostPool } from '#pipelines/reference/cost-pool.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { rawMarketplace } from '#pipelines/reference/marketplace.ts'
import { rawMinorUnit } from '#pipelines/reference/minor-unit.ts'
import { rawReason } from '#pipelines/reference/reason.ts'
import { build, land } from '#test/kit/rows.ts'

type Contact = z.input<typeof rawContact.contract>
type Pool = z.input<typeof rawCostPool.contract>

/** A call of 100 s handled in Lisbon on 2026-10-14, but for what the test says. */
export const contact = (id: string, known: Partial<Contact> = {}): Contact => {
  const offered = known.offered_at ?? '2026-10-14T10:00:00Z'
  return {
    source: 'contact_desk',
    source_event_id: id,
    channel: 'voice',
    direction: 'inbound',
    site: 'LIS',
    agent_id: 'A1',
    marketplace: 'DE',
    customer_id: 'U1',
    payment_id: null,
    reason_code: 'card_declined',
    offered_at: offered,
    answered_at: offered,
    wait_seconds: 0,
    talk_seconds: 60,
    hold_seconds: 10,
    wrap_seconds: 30,
    concurrent_sessions: 1,
    legs: 1,
    is_spam: false,
    recorded_at: offered,
    ...known,
  }
}

/** What Lisbon's phones cost in a month, in cents of a euro, but for what the test says. */
export const pool = (cost_minor: number, known: Partial<Pool> = {}): Pool => ({
  month: '2026-10',
  site: 'LIS',
  channel: 'voice',
  currency: 'EUR',
  cost_minor,
  ...known,
})

/** Fills the warehouse with contacts and cost pools; the last record is of the end of November. */
export async function landContacts(
  db: Kysely<AnyDatabase>,
  contacts: Contact[],
  pools: Pool[] = [],
) {
  const reason = (reason_code: string, reason_group: string, is_avoidable: boolean) =>
    ({
      domain: 'contact',
      reason_code,
      reason_group,
      is_avoidable,
      valid_from: '2020-01-01',
    }) as const
  await land(db, rawMarketplace, [
    {
      marketplace: 'DE',
      country: 'DE',
      currency: 'EUR',
      zone: 'Europe/Berlin',
      launched_on: '2022-07-01',
    },
  ])
  await land(db, rawReason, [
    reason('card_declined', 'decline', true),
    reason('3ds_failed', 'decline', true),
    reason('where_refund', 'refund', false),
  ])
  await land(db, rawAgent, [
    {
      agent_id: 'A1',
      valid_from: '2026-09-01',
      team: 'T',
      site: 'LIS',
      shore: 'onshore',
      vendor: null,
    },
    {
      agent_id: 'A1',
      valid_from: '2026-10-20',
      team: 'T',
      site: 'MNL',
      shore: 'offshore',
      vendor: 'V',
    },
  ])
  await land(db, rawFxRate, [
    { source: 'ecb', day: '2026-10-14', currency: 'PHP', rate: '66.125' },
    { source: 'ecb', day: '2026-10-15', currency: 'PHP', rate: '65.4321' },
  ])
  await land(db, rawMinorUnit, [
    { source: 'cost_pool', currency: 'EUR', exponent: 2 },
    { source: 'cost_pool', currency: 'PHP', exponent: 2 },
  ])
  await land(db, rawCostPool, pools)
  const last = contact('last', {
    direction: 'outbound',
    offered_at: '2026-11-29T22:00:00Z',
    recorded_at: '2026-11-29T23:30:00Z',
  })
  await land(db, rawContact, [...contacts, last])
  await build(
    db,
    dimMarketplace,
    dimReason,
    dimAgent,
    refFxRate,
    refMinorUnit,
    refCostPool,
    refWatermark,
  )
}
