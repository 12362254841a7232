import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { related } from '#kit/checks/related.ts'
import { count, day } from '#kit/columns.ts'
import { rawCaseEvent } from '#pipelines/cases/case-event.ts'
import { rawCase } from '#pipelines/cases/case.ts'

import { businessDate } from '../calendar/business-date.ts'
import { dimMarketplace } from '../reference/dim-marketplace.ts'
import { dimReason } from '../reference/dim-reason.ts'

const event = rawCaseEvent.contract.shape
const opened = rawCase.contract.shape

/** What happened to cases on its business date, one row an event. */
export const factCaseEvent = model({
  name: 'mart.fact_case_event',
  description: 'What happened to cases on its business date, one row an event.',
  contract: z.object({
    source: event.source,
    source_event_id: event.source_event_id,
    case_id: event.case_id,
    event_type: event.event_type,
    cycle_no: count().describe('SLA cycle it falls in: 1, and 1 more from each reopening on'),
    business_date: day().describe("Local date of the event in the marketplace's zone"),
    occurred_at: event.occurred_at,
    recorded_at: event.recorded_at,
    case_type: opened.case_type,
    marketplace: opened.marketplace,
    queue: opened.queue,
    reason_code: event.reason_code,
    agent_id: event.agent_id,
    decision: event.decision,
  }),
  grain: ['source', 'source_event_id'],
  distributeBy: 'source_event_id',
  reads: [rawCaseEvent, rawCase, dimMarketplace, dimReason],
  query: (db) =>
    db
      .selectFrom('raw.case_event as e')
      .innerJoin('raw.case as c', 'c.case_id', 'e.case_id')
      .innerJoin('mart.dim_marketplace as m', 'm.marketplace', 'c.marketplace')
      .select(['e.source', 'e.source_event_id', 'e.case_id', 'e.event_type'])
      .select(['e.occurred_at', 'e.recorded_at', 'c.case_type', 'c.marketplace', 'c.queue'])
      .select(['e.reason_code', 'e.agent_id', 'e.decision'])
      .select(({ eb, fn, ref, lit }) => {
        const reopenings = fn
          .countAll<number>()
          .filterWhere('e.event_type', '=', 'reopened')
          .over((over) =>
            over.partitionBy('e.case_id').orderBy('e.occurred_at').orderBy('e.source_event_id'),
          )
        return [
          eb.cast<number>(eb(reopenings, '+', lit(1)), 'integer').as('cycle_no'),
          businessDate(ref('e.occurred_at'), ref('m.zone')).as('business_date'),
        ]
      }),
  checks: [
    related('raw.case', 'marketplace', {
      to: 'mart.dim_marketplace',
      name: 'every case belongs to a marketplace we know',
      because:
        'Its business dates need the zone of the marketplace. The cases of a marketplace without ' +
        'one would be left out of every count and of the backlog.',
      counted: 'cases',
    }),
    {
      name: 'every case event belongs to a case we know',
      severity: 'warning',
      because:
        'Without the case nobody knows its marketplace and queue: its receipt, decision and SLA ' +
        'are in no number until the case arrives.',
      broken: (db) =>
        db
          .selectFrom('raw.case_event as e')
          .leftJoin('raw.case as c', 'c.case_id', 'e.case_id')
          .where('c.case_id', 'is', null)
          .select(['e.source', 'e.source_event_id', 'e.case_id', 'e.event_type']),
    },
    {
      name: 'every decision has a reason code we know',
      severity: 'warning',
      because:
        'Overturns for a wrong enforcement are told from those for new evidence by the group of ' +
        'this code; an unknown one is counted as neither.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_case_event as e')
          .leftJoin('mart.dim_reason as r', (join) =>
            join.on('r.domain', '=', 'decision').onRef('r.reason_code', '=', 'e.reason_code'),
          )
          .where('e.event_type', '=', 'decided')
          .where('e.reason_code', 'is not', null)
          .where('r.reason_code', 'is', null)
          .groupBy('e.reason_code')
          .select(({ fn }) => ['e.reason_code', fn.countAll<number>().as('decisions')]),
    },
    {
      name: 'a decided event says what was decided',
      severity: 'warning',
      because: 'A decision without a direction drops out of the overturn rate on both sides.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_case_event')
          .where('event_type', '=', 'decided')
          .where('decision', 'is', null)
          .select(['source', 'source_event_id', 'case_id']),
    },
    {
      name: 'a case is received once',
      severity: 'warning',
      because: 'A receipt sent under two ids is counted twice in appeals received.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_case_event')
          .where('event_type', '=', 'received')
          .groupBy('case_id')
          .having(({ fn }) => fn.countAll(), '>', 1)
          .select(({ fn }) => ['case_id', fn.countAll<number>().as('receipts')]),
    },
    {
      name: 'a case that something happens to was received',
      severity: 'warning',
      because: 'Without its receipt a case is in no cohort: not received, not in the SLA.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_case_event')
          .groupBy('case_id')
          .having(({ fn }) => fn.countAll().filterWhere('event_type', '=', 'received'), '=', 0)
          .select(({ fn }) => ['case_id', fn.countAll<number>().as('events')]),
    },
  ],
})
