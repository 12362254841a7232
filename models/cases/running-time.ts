import { type Expression, type QueryCreator, sql } from 'kysely'

import type { DatabaseOf } from '#kit/asset.ts'

import type { refCalendarDay } from '../calendar/ref-calendar-day.ts'
import type { factCaseEvent } from './fact-case-event.ts'

type Reads = DatabaseOf<[typeof factCaseEvent, typeof refCalendarDay]>

/** An SLA cycle with its clock and the instant the clock is read. */
export interface Clocked {
  case_id: string
  cycle_no: number
  clock: 'calendar' | 'business'
  calendar: string | null
  pauses_while_waiting: boolean
  started_at: string
  ended_at: string
}

type WithCycles = Reads & { clocked: Clocked }

/**
 * The seconds each cycle of `clocked` has run by its own clock. Every event that leaves the clock
 * running opens a span until the next event that moves it; a pause opens none. A policy that does
 * not pause has one span, from start to end.
 */
export const runningTime = (db: QueryCreator<WithCycles>) =>
  db
    .selectFrom(spans(db).as('span'))
    .leftJoin('mart.ref_calendar_day as open', (join) =>
      join
        .on('span.clock', '=', 'business')
        .onRef('open.calendar', '=', 'span.calendar')
        // Days around the span in any zone; those that do not touch it add nothing.
        .on(({ eb, ref }) => eb('open.day', '>=', utcDay(ref('span.from'), -1)))
        .on(({ eb, ref }) => eb('open.day', '<=', utcDay(ref('span.until'), 1))),
    )
    .groupBy(['span.case_id', 'span.cycle_no'])
    .select(['span.case_id', 'span.cycle_no'])
    .select(({ eb, ref }) => {
      const opened = sql<string>`greatest(${ref('span.from')}, ${ref('open.opens_at')})`
      const closed = sql<string>`least(${ref('span.until')}, ${ref('open.closes_at')})`
      const seconds = eb
        .case()
        .when('span.clock', '=', 'calendar')
        .then(secondsBetween(ref('span.from'), ref('span.until')))
        .when('open.day', 'is not', null)
        .then(secondsBetween(opened, closed))
        .end()
      return wholeSeconds(seconds).as('elapsed_seconds')
    })

const spans = (db: QueryCreator<WithCycles>) =>
  db
    .selectFrom(
      db
        .selectFrom('clocked as c')
        .innerJoin('mart.fact_case_event as e', (join) =>
          join.onRef('e.case_id', '=', 'c.case_id').onRef('e.cycle_no', '=', 'c.cycle_no'),
        )
        .where(({ eb, or, and }) =>
          or([
            eb('e.event_type', 'in', ['received', 'reopened']),
            and([
              eb('e.event_type', 'in', ['paused', 'resumed']),
              eb('c.pauses_while_waiting', 'is', true),
            ]),
          ]),
        )
        .select(['c.case_id', 'c.cycle_no', 'c.clock', 'c.calendar', 'c.started_at', 'c.ended_at'])
        .select(['e.event_type', 'e.occurred_at'])
        .select(({ fn }) =>
          fn
            .agg<string | null>('lead', ['e.occurred_at'])
            .over((over) =>
              over
                .partitionBy(['e.case_id', 'e.cycle_no'])
                .orderBy('e.occurred_at')
                .orderBy('e.source_event_id'),
            )
            .as('moved_at'),
        )
        .as('move'),
    )
    .where('move.event_type', '!=', 'paused')
    .select(['move.case_id', 'move.cycle_no', 'move.clock', 'move.calendar'])
    .select(({ ref }) => [
      sql<string>`greatest(${ref('move.started_at')}, ${ref('move.occurred_at')})`.as('from'),
      sql<string>`least(${ref('move.ended_at')}, ${ref('move.moved_at')})`.as('until'),
    ])

const utcDay = (instant: Expression<string>, days: number) =>
  sql<string>`((${instant} at time zone 'UTC')::date + ${sql.lit(days)})`

/** Seconds from one instant to a later one; none when it is not later. */
export const secondsBetween = (from: Expression<string>, until: Expression<string | null>) =>
  sql<string>`greatest(extract(epoch from ${until} - ${from}), 0)`

const wholeSeconds = (seconds: Expression<string | null>) =>
  sql<number>`floor(coalesce(sum(${seconds}), 0))::int8`
