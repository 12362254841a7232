import type { Kysely } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'
import type { CASE_EVENT_TYPES } from '#pipelines/cases/case-event.ts'

import type { factCaseEvent } from './fact-case-event.ts'

type CaseEventType = (typeof CASE_EVENT_TYPES)[number]

/** The events that take a case off the desk without a decision. */
export const departures = ['withdrawn', 'invalid', 'merged'] as const

/** The first event of some types in each SLA cycle of each case. */
export const firstOfCycle = (
  db: Kysely<DatabaseOf<[typeof factCaseEvent]>>,
  types: readonly CaseEventType[],
) =>
  db
    .selectFrom('mart.fact_case_event')
    .where('event_type', 'in', types)
    .distinctOn(['case_id', 'cycle_no'])
    .orderBy('case_id')
    .orderBy('cycle_no')
    .orderBy('occurred_at')
    .orderBy('source_event_id')
    .select(['case_id', 'cycle_no', 'occurred_at', 'business_date', 'decision'])
