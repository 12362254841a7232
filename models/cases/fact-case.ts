import { type Expression, sql } from 'kysely'
import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { count, day, instant, minor } from '#kit/columns.ts'
import { rawCase } from '#pipelines/cases/case.ts'

import { refWatermark } from '../calendar/ref-watermark.ts'
import { dimReason } from '../reference/dim-reason.ts'
import { factCaseCycle } from './fact-case-cycle.ts'
import { factCaseEvent } from './fact-case-event.ts'
import { secondsBetween } from './running-time.ts'

const opened = rawCase.contract.shape

/** Cases from their receipt on, with what became of them. Appeals first. */
export const factCase = model({
  name: 'mart.fact_case',
  description: 'Cases from their receipt on, with what became of them.',
  contract: z.object({
    case_id: opened.case_id,
    case_type: opened.case_type,
    level: opened.level,
    parent_case_id: opened.parent_case_id,
    marketplace: opened.marketplace,
    seller_id: opened.seller_id,
    queue: opened.queue,
    reason_code: opened.reason_code,
    received_at: instant().describe('When it was received'),
    received_on: day().describe("Local date of that in the marketplace's zone"),
    first_response_at: instant()
      .nullable()
      .describe('First answer of an agent, not of the machine'),
    decided_at: instant().nullable().describe('First decision'),
    decided_on: day().nullable().describe("Local date of that in the marketplace's zone"),
    closed_at: instant().nullable().describe('Last closing; empty when reopened since'),
    withdrawn_at: instant().nullable().describe('When the seller withdrew it'),
    invalid_at: instant().nullable().describe('When it was found invalid, or merged into another'),
    decision: factCaseEvent.contract.shape.decision.describe('First decision'),
    reopen_count: count().describe('Times it was reopened'),
    decision_seconds: minor()
      .nullable()
      .describe('Whole seconds from receipt to first decision; empty: undecided'),
    open_seconds: minor()
      .nullable()
      .describe('Whole seconds an undecided case has waited so far; empty: decided, or left'),
  }),
  grain: ['case_id'],
  distributeBy: 'case_id',
  reads: [rawCase, factCaseEvent, factCaseCycle, refWatermark, dimReason],
  query: (db) =>
    db
      .with('milestone', () =>
        db
          .selectFrom('mart.fact_case_event as e')
          .groupBy('e.case_id')
          .select('e.case_id')
          .select(({ fn }) => [
            fn.min('e.occurred_at').filterWhere('e.event_type', '=', 'received').as('received_at'),
            fn
              .min('e.business_date')
              .filterWhere('e.event_type', '=', 'received')
              .as('received_on'),
            fn
              .min('e.occurred_at')
              .filterWhere('e.event_type', '=', 'first_response')
              .as('first_response_at'),
            fn.max('e.occurred_at').filterWhere('e.event_type', '=', 'closed').as('closed_at'),
            fn.max('e.occurred_at').filterWhere('e.event_type', '=', 'reopened').as('reopened_at'),
            fn
              .min('e.occurred_at')
              .filterWhere('e.event_type', '=', 'withdrawn')
              .as('withdrawn_at'),
            fn
              .min('e.occurred_at')
              .filterWhere('e.event_type', 'in', ['invalid', 'merged'])
              .as('invalid_at'),
            fn.countAll<number>().filterWhere('e.event_type', '=', 'reopened').as('reopen_count'),
          ]),
      )
      .with('first_decision', () =>
        db
          .selectFrom('mart.fact_case_cycle')
          .where('decided_at', 'is not', null)
          .distinctOn('case_id')
          .orderBy('case_id')
          .orderBy('cycle_no')
          .select(['case_id', 'decided_at', 'decided_on', 'decision']),
      )
      .with('open', () =>
        db
          .selectFrom('mart.fact_case_cycle')
          .where('decided_at', 'is', null)
          .where('left_at', 'is', null)
          .select('case_id')
          .distinct(),
      )
      .selectFrom('raw.case as c')
      .innerJoin('milestone as m', 'm.case_id', 'c.case_id')
      .innerJoin('mart.ref_watermark as mark', (join) => join.on('mark.feed', '=', 'cases'))
      .leftJoin('first_decision as d', 'd.case_id', 'c.case_id')
      .leftJoin('open', 'open.case_id', 'c.case_id')
      .where('m.received_at', 'is not', null)
      .select(['c.case_id', 'c.case_type', 'c.level', 'c.parent_case_id', 'c.marketplace'])
      .select(['c.seller_id', 'c.queue', 'c.reason_code', 'm.received_at', 'm.received_on'])
      .select(['m.first_response_at', 'd.decided_at', 'd.decided_on', 'm.withdrawn_at'])
      .select(['m.invalid_at', 'd.decision'])
      .select((eb) => {
        const isOpenSince = eb.and([
          eb('open.case_id', 'is not', null),
          eb('d.decided_at', 'is', null),
        ])
        const stayedClosed = eb.or([
          eb('m.reopened_at', 'is', null),
          eb('m.closed_at', '>=', eb.ref('m.reopened_at')),
        ])
        return [
          eb.case().when(stayedClosed).then(eb.ref('m.closed_at')).end().as('closed_at'),
          eb.cast<number>('m.reopen_count', 'integer').as('reopen_count'),
          eb
            .case()
            .when('d.decided_at', 'is not', null)
            .then(wholeSeconds(secondsBetween(eb.ref('m.received_at'), eb.ref('d.decided_at'))))
            .end()
            .as('decision_seconds'),
          eb
            .case()
            .when(isOpenSince)
            .then(
              wholeSeconds(
                secondsBetween(eb.ref('m.received_at'), eb.ref('mark.recorded_through')),
              ),
            )
            .end()
            .as('open_seconds'),
        ]
      }),
  checks: [
    {
      name: 'every case has a reason code we know',
      severity: 'warning',
      because: 'The appeals against a new kind of enforcement stand in no group.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_case as c')
          .leftJoin('mart.dim_reason as r', (join) =>
            join.on('r.domain', '=', 'case').onRef('r.reason_code', '=', 'c.reason_code'),
          )
          .where('r.reason_code', 'is', null)
          .groupBy('c.reason_code')
          .select(({ fn }) => ['c.reason_code', fn.countAll<number>().as('cases')]),
    },
    {
      name: 'no case is decided before it was received',
      severity: 'warning',
      because: 'It counts as decided at once, and pulls the median down.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_case')
          .whereRef('decided_at', '<', 'received_at')
          .select(['case_id', 'received_at', 'decided_at']),
    },
  ],
})

const wholeSeconds = (seconds: Expression<string>) => sql<number>`floor(${seconds})::int8`
