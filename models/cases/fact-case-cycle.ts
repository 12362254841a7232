import { sql } from 'kysely'
import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { code, count, day, instant, minor } from '#kit/columns.ts'
import { rawCase } from '#pipelines/cases/case.ts'
import { rawSlaPolicy } from '#pipelines/reference/sla-policy.ts'

import { plusDays } from '../calendar/days.ts'
import { refCalendarDay } from '../calendar/ref-calendar-day.ts'
import { refWatermark } from '../calendar/ref-watermark.ts'
import { refSlaPolicy } from '../reference/ref-sla-policy.ts'
import { cycles } from './cycles.ts'
import { factCaseEvent } from './fact-case-event.ts'
import { departures } from './firsts.ts'
import { runningTime } from './running-time.ts'

const opened = rawCase.contract.shape
const policy = rawSlaPolicy.contract.shape

/** Days in a row an office may be closed, such as Golden Week. */
const longestClosure = 10

/** The SLA of cases, one row a cycle: from receipt, or from a reopening, to its first decision. */
export const factCaseCycle = model({
  name: 'mart.fact_case_cycle',
  description: 'The SLA of cases, one row a cycle: a receipt or a reopening starts one.',
  contract: z.object({
    case_id: opened.case_id,
    cycle_no: count().describe('1 from the receipt on, 1 more from each reopening on'),
    case_type: opened.case_type,
    marketplace: opened.marketplace,
    queue: opened.queue,
    reason_code: opened.reason_code,
    level: opened.level,
    started_at: instant().describe('When it was received or reopened'),
    started_on: day().describe("Local date of that in the marketplace's zone"),
    policy: policy.policy.nullable().describe('Policy in force on that date; empty: none was'),
    clock: policy.clock.nullable(),
    target_seconds: policy.target_seconds.nullable(),
    decided_at: instant().nullable().describe('First decision of the cycle'),
    decided_on: day().nullable().describe("Local date of that in the marketplace's zone"),
    decision: factCaseEvent.contract.shape.decision,
    left_at: instant()
      .nullable()
      .describe('When it was withdrawn, found invalid or merged, if before a decision'),
    elapsed_seconds: minor()
      .nullable()
      .describe('Whole seconds on the clock until the decision or, undecided, until recorded'),
    sla_state: code(['met', 'missed', 'pending'])
      .nullable()
      .describe('missed counts whether decided or not; empty: it left, or has no policy'),
  }),
  grain: ['case_id', 'cycle_no'],
  distributeBy: 'case_id',
  reads: [factCaseEvent, rawCase, refSlaPolicy, refCalendarDay, refWatermark],
  query: (db) =>
    db
      .with('cycle', () => cycles(db))
      .with('clocked', (cte) =>
        cte
          .selectFrom('cycle')
          .innerJoin('mart.ref_watermark as mark', (join) => join.on('mark.feed', '=', 'cases'))
          .where('left_at', 'is', null)
          .where('policy', 'is not', null)
          .select(['case_id', 'cycle_no', 'started_at', 'calendar'])
          .select((eb) => [
            eb.ref('clock').$notNull().as('clock'),
            eb.ref('pauses_while_waiting').$notNull().as('pauses_while_waiting'),
            eb.fn.coalesce('decided_at', 'mark.recorded_through').as('ended_at'),
          ]),
      )
      .with('ran', (cte) => runningTime(cte))
      .selectFrom('cycle as c')
      .leftJoin('ran', (join) =>
        join.onRef('ran.case_id', '=', 'c.case_id').onRef('ran.cycle_no', '=', 'c.cycle_no'),
      )
      .select(['c.case_id', 'c.cycle_no', 'c.case_type', 'c.marketplace', 'c.queue'])
      .select(['c.reason_code', 'c.level', 'c.started_at', 'c.started_on', 'c.policy', 'c.clock'])
      .select(['c.target_seconds', 'c.decided_at', 'c.decided_on', 'c.decision', 'c.left_at'])
      .select((eb) => [
        'ran.elapsed_seconds',
        eb
          .case()
          .when('ran.elapsed_seconds', '>', eb.ref('c.target_seconds'))
          .then(sql.lit('missed' as const))
          .when(eb('ran.elapsed_seconds', 'is not', null).and('c.decided_at', 'is not', null))
          .then(sql.lit('met' as const))
          .when('ran.elapsed_seconds', 'is not', null)
          .then(sql.lit('pending' as const))
          .end()
          .as('sla_state'),
      ]),
  checks: [
    {
      name: 'received + reopened - decided - left = open cycles',
      severity: 'error',
      because:
        'A case would fall out between the events and the backlog: worked on by nobody, late in ' +
        'no number.',
      broken: (db) =>
        db
          .with('by_events', (cte) =>
            cte
              .selectFrom('mart.fact_case_event')
              .groupBy('case_id')
              .having(({ fn }) => fn.countAll().filterWhere('event_type', '=', 'received'), '>', 0)
              .select(({ eb, fn, lit }) => {
                const reopened = fn.countAll<number>().filterWhere('event_type', '=', 'reopened')
                const ended = fn
                  .count<number>('cycle_no')
                  .distinct()
                  .filterWhere('event_type', 'in', ['decided', ...departures])
                return ['case_id', eb(eb(reopened, '+', lit(1)), '-', ended).as('open')]
              }),
          )
          .with('by_cycles', (cte) =>
            cte
              .selectFrom('mart.fact_case_cycle')
              .groupBy('case_id')
              .select(({ fn, eb }) => [
                'case_id',
                fn
                  .countAll<number>()
                  .filterWhere(eb('decided_at', 'is', null).and('left_at', 'is', null))
                  .as('open'),
              ]),
          )
          .selectFrom('by_events as e')
          .fullJoin('by_cycles as c', 'c.case_id', 'e.case_id')
          .where('e.open', 'is distinct from', ({ ref }) => ref('c.open'))
          .select(['e.case_id', 'e.open as open_by_events', 'c.open as open_cycles']),
    },
    {
      name: 'every cycle has an SLA policy',
      severity: 'warning',
      because: 'A cycle without a policy is neither met nor missed: the attainment leaves it out.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_case_cycle')
          .where('policy', 'is', null)
          .groupBy(['case_type', 'queue'])
          .select(({ fn }) => ['case_type', 'queue', fn.countAll<number>().as('cycles')]),
    },
    {
      name: 'one SLA policy is in force at a time',
      severity: 'warning',
      because: 'Of two the later begun is taken, and the target of the other is never shown.',
      broken: (db) =>
        db
          .selectFrom('mart.ref_sla_policy as p')
          .innerJoin('mart.ref_sla_policy as other', (join) =>
            join
              .onRef('other.case_type', '=', 'p.case_type')
              .onRef('other.queue', '=', 'p.queue')
              .onRef('other.policy', '!=', 'p.policy')
              .onRef('other.valid_from', '>=', 'p.valid_from'),
          )
          .where(({ eb, or, ref }) =>
            or([eb('p.valid_to', 'is', null), eb('p.valid_to', '>=', ref('other.valid_from'))]),
          )
          .select(['p.queue', 'p.policy', 'other.policy as overlaps', 'other.valid_from']),
    },
    {
      name: 'the calendar of a business clock reaches the newest case',
      severity: 'error',
      because:
        'Days that are missing are closed: past the end of its calendar a clock stands still, and ' +
        'every case meets its SLA.',
      broken: (db) =>
        db
          .selectFrom('mart.ref_sla_policy as p')
          .innerJoin('mart.ref_watermark as mark', (join) => join.on('mark.feed', '=', 'cases'))
          .leftJoin('mart.ref_calendar_day as open', 'open.calendar', 'p.calendar')
          .where('p.clock', '=', 'business')
          .where(({ eb, or, ref }) =>
            or([eb('p.valid_to', 'is', null), eb('p.valid_to', '>=', ref('mark.as_of'))]),
          )
          .groupBy(['p.policy', 'p.calendar', 'mark.as_of'])
          .having(({ eb, fn, ref }) =>
            eb(
              fn.coalesce(fn.max('open.day'), sql<string>`'-infinity'::date`),
              '<',
              plusDays(ref('mark.as_of'), -longestClosure),
            ),
          )
          .select(({ fn }) => [
            'p.policy',
            'p.calendar',
            'mark.as_of',
            fn.max('open.day').as('last_open_day'),
          ]),
    },
    {
      name: 'a case is reopened only after it was decided or had left',
      severity: 'warning',
      because:
        'The cycle before stays open for ever: it is missed, and in the backlog beside the new one.',
      broken: (db) =>
        db
          .selectFrom('mart.fact_case_cycle as c')
          .innerJoin('mart.fact_case_cycle as next', (join) =>
            join
              .onRef('next.case_id', '=', 'c.case_id')
              .on(({ eb, ref }) => eb('next.cycle_no', '=', eb(ref('c.cycle_no'), '+', eb.lit(1)))),
          )
          .where('c.decided_at', 'is', null)
          .where('c.left_at', 'is', null)
          .select(['c.case_id', 'c.cycle_no', 'next.started_at as reopened_at']),
    },
  ],
})
