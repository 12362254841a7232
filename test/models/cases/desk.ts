import type { Kysely } from 'kysely'
import type * as z from 'zod'

import type { AnyDatabase } from '#kit/asset.ts'
import { refCalendarDay } from '#models/calendar/ref-calendar-day.ts'
import { refWatermark } from '#models/calendar/ref-watermark.ts'
import { factCaseCycle } from '#models/cases/fact-case-cycle.ts'
import { factCaseEvent } from '#models/cases/fact-case-event.ts'
import { factCase } from '#models/cases/fact-case.ts'
import { dimMarketplace } from '#models/reference/dim-marketplace.ts'
import { dimReason } from '#models/reference/dim-reason.ts'
import { refSlaPolicy } from '#models/reference/ref-sla-policy.ts'
import { rawCaseEvent } from '#pipelines/cases/case-event.ts'
import { rawCase } from '#pipelines/cases/case.ts'
import { rawCalendarDay } from '#pipelines/reference/calendar-day.ts'
import { rawMarketplace } from '#pipelines/reference/marketplace.ts'
import { rawReason } from '#pipelines/reference/reason.ts'
import { rawSlaPolicy } from '#pipelines/reference/sla-policy.ts'
import { land } from '#test/kit/rows.ts'

type Event = z.input<typeof rawCaseEvent.contract>
type Policy = z.input<typeof rawSlaPolicy.contract>
type EventType = Event['event_type']

/** What happens to a case at an instant, such as `at('2026-10-14T09:00Z', 'received')`. */
export const at = (occurred_at: string, event_type: EventType, event: Partial<Event> = {}) => ({
  occurred_at: occurred_at.replace('Z', ':00Z'),
  event_type,
  decision: event_type === 'decided' ? ('upheld' as const) : null,
  ...event,
})

/** Nothing is recorded after this. */
const recordedThrough = '2026-10-31T00:00:00Z'

/** Fills the warehouse with the desk's cases, each known by what happened to it. */
export async function landCases(
  db: Kysely<AnyDatabase>,
  cases: Record<string, ReturnType<typeof at>[]>,
  policy: Partial<Policy> = {},
) {
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
    {
      domain: 'case',
      reason_code: 'counterfeit',
      reason_group: 'product',
      is_avoidable: false,
      valid_from: '2020-01-01',
    },
  ])
  await land(db, rawSlaPolicy, [
    {
      policy: 'three_days',
      case_type: 'appeal',
      queue: 'appeals_de',
      clock: 'calendar',
      calendar: null,
      pauses_while_waiting: false,
      target_seconds: 3 * 86_400,
      valid_from: '2024-01-01',
      valid_to: null,
      ...policy,
    },
  ])
  await land(db, rawCalendarDay, officeDays)
  await land(
    db,
    rawCase,
    Object.keys(cases).map((case_id) => ({
      source: 'case_desk',
      case_id,
      case_type: 'appeal' as const,
      level: 1,
      parent_case_id: null,
      subject_type: 'listing' as const,
      subject_id: 'L1',
      marketplace: 'DE' as const,
      seller_id: 'S1',
      queue: 'appeals_de',
      reason_code: 'counterfeit',
      recorded_at: '2026-10-01T00:00:00Z',
    })),
  )
  const events = Object.entries(cases).flatMap(([case_id, happened]) =>
    happened.map((event, index) => event_(case_id, index, event)),
  )
  const lastRecorded = event_('unknown', 0, { ...at('2026-10-30T00:00Z', 'assigned') })
  await land(db, rawCaseEvent, [...events, { ...lastRecorded, recorded_at: recordedThrough }])
}

const event_ = (case_id: string, index: number, event: ReturnType<typeof at>): Event => ({
  source: 'case_desk',
  source_event_id: `${case_id}/${index}`,
  case_id,
  recorded_at: event.occurred_at,
  agent_id: null,
  reason_code: null,
  ...event,
})

/** An office open 08:00-18:00 in Berlin, closed at weekends and on Monday 2026-10-19. */
const officeDays = Array.from(
  { length: 31 },
  (_, index) => `2026-10-${String(index + 1).padStart(2, '0')}`,
)
  .filter((day) => ![0, 6].includes(new Date(`${day}T12:00Z`).getUTCDay()) && day !== '2026-10-19')
  .map((day) => ({
    calendar: 'office',
    day,
    zone: 'Europe/Berlin',
    opens: '08:00',
    closes: '18:00',
  }))

/** The models behind a case, in the order they are built. */
export const beforeCycles = [
  dimMarketplace,
  dimReason,
  refSlaPolicy,
  refCalendarDay,
  refWatermark,
  factCaseEvent,
] as const

/** All models of cases, in the order they are built. */
export const caseModels = [...beforeCycles, factCaseCycle, factCase] as const
