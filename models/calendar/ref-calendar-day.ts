import { type Expression, sql } from 'kysely'

import { model } from '#kit/asset.ts'
import { instant } from '#kit/columns.ts'
import { rawCalendarDay } from '#pipelines/reference/calendar-day.ts'

/** Opening hours of a calendar, as instants. A day that is missing is closed. */
export const refCalendarDay = model({
  name: 'mart.ref_calendar_day',
  description: 'Opening hours of a calendar, day by day, as instants.',
  contract: rawCalendarDay.contract.extend({
    opens_at: instant().describe('The instant it opens'),
    closes_at: instant().describe('The instant it closes'),
  }),
  grain: ['calendar', 'day'],
  reads: [rawCalendarDay],
  query: (db) =>
    db
      .selectFrom('raw.calendar_day as c')
      .select(['c.calendar', 'c.day', 'c.zone', 'c.opens', 'c.closes'])
      .select(({ ref }) => [
        wallClock(ref('c.day'), ref('c.opens'), ref('c.zone')).as('opens_at'),
        wallClock(ref('c.day'), ref('c.closes'), ref('c.zone')).as('closes_at'),
      ]),
  checks: [
    {
      name: 'a day opens before it closes',
      severity: 'error',
      because: 'A day that closes first counts negative business hours and meets every SLA.',
      broken: (db) =>
        db.selectFrom('mart.ref_calendar_day').selectAll().whereRef('opens_at', '>=', 'closes_at'),
    },
  ],
})

const wallClock = (day: Expression<string>, time: Expression<string>, zone: Expression<string>) =>
  sql<string>`((${day} + ${time}) at time zone ${zone})`
