import * as z from 'zod'
import { source } from '#kit/asset.ts'
import { day, text, timeOfDay } from '#kit/columns.ts'

/** Opening hours of a calendar, day by day. A day that is missing is closed. */
export const rawCalendarDay = source({
  name: 'raw.calendar_day',
  description: 'Opening hours of a calendar, day by day; a day that is missing is closed.',
  contract: z.object({
    calendar: text(40).describe('The calendar'),
    day: day().describe('The day'),
    zone: text(40).describe('IANA time zone of the hours'),
    opens: timeOfDay().describe('Opens'),
    closes: timeOfDay().describe('Closes'),
  }),
  grain: ['calendar', 'day'],
  tags: ['reference'],
  example: {
    calendar: 'warsaw_office',
    day: '2026-10-14',
    zone: 'Europe/Warsaw',
    opens: '08:00',
    closes: '18:00',
  },
})
