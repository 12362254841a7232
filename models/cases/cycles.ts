import { type Kysely, sql } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'
import type { rawCase } from '#pipelines/cases/case.ts'

import type { refSlaPolicy } from '../reference/ref-sla-policy.ts'
import type { factCaseEvent } from './fact-case-event.ts'
import { departures, firstOfCycle } from './firsts.ts'

/** The SLA cycles of received cases: start, end and the policy in force when each started. */
export const cycles = (
  db: Kysely<DatabaseOf<[typeof factCaseEvent, typeof rawCase, typeof refSlaPolicy]>>,
) =>
  db
    .selectFrom(firstOfCycle(db, ['received', 'reopened']).as('start'))
    .innerJoin(
      db
        .selectFrom('mart.fact_case_event')
        .where('event_type', '=', 'received')
        .select('case_id')
        .distinct()
        .as('received'),
      'received.case_id',
      'start.case_id',
    )
    .innerJoin('raw.case as c', 'c.case_id', 'start.case_id')
    .leftJoin(firstOfCycle(db, ['decided']).as('decided'), (join) =>
      join
        .onRef('decided.case_id', '=', 'start.case_id')
        .onRef('decided.cycle_no', '=', 'start.cycle_no'),
    )
    .leftJoin(firstOfCycle(db, departures).as('left'), (join) =>
      join
        .onRef('left.case_id', '=', 'start.case_id')
        .onRef('left.cycle_no', '=', 'start.cycle_no'),
    )
    .leftJoinLateral(
      ({ selectFrom }) =>
        selectFrom('mart.ref_sla_policy as p')
          .whereRef('p.case_type', '=', 'c.case_type')
          .whereRef('p.queue', '=', 'c.queue')
          .whereRef('p.valid_from', '<=', 'start.business_date')
          .where(({ eb, or, ref }) =>
            or([eb('p.valid_to', 'is', null), eb('p.valid_to', '>=', ref('start.business_date'))]),
          )
          .orderBy('p.valid_from', 'desc')
          .orderBy('p.policy')
          .limit(sql.lit(1))
          .selectAll()
          .as('sla'),
      (join) => join.onTrue(),
    )
    .select(['start.case_id', 'start.cycle_no', 'start.occurred_at as started_at'])
    .select(['start.business_date as started_on', 'c.case_type', 'c.marketplace', 'c.queue'])
    .select(['c.reason_code', 'c.level', 'sla.policy', 'sla.clock', 'sla.calendar'])
    .select(['sla.pauses_while_waiting', 'sla.target_seconds'])
    .select((eb) => {
      // Of a decision and a departure the earlier one ends the cycle.
      const isDecided = eb.or([
        eb('left.occurred_at', 'is', null),
        eb('decided.occurred_at', '<=', eb.ref('left.occurred_at')),
      ])
      const isLeft = eb.or([
        eb('decided.occurred_at', 'is', null),
        eb('left.occurred_at', '<', eb.ref('decided.occurred_at')),
      ])
      const ifDecided = eb.case().when(isDecided)
      return [
        ifDecided.then(eb.ref('decided.occurred_at')).end().as('decided_at'),
        ifDecided.then(eb.ref('decided.business_date')).end().as('decided_on'),
        ifDecided.then(eb.ref('decided.decision')).end().as('decision'),
        eb.case().when(isLeft).then(eb.ref('left.occurred_at')).end().as('left_at'),
      ]
    })
