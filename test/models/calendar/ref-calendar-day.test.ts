import { expect } from 'vitest'

import { refCalendarDay } from '#models/calendar/ref-calendar-day.ts'
import { rawCalendarDay } from '#pipelines/reference/calendar-day.ts'
import { test } from '#test/kit/database.ts'
import { land, rowsOf } from '#test/kit/rows.ts'

test('an office opens an hour earlier in UTC once summer time began', async ({ db }) => {
  const hours = { calendar: 'warsaw', zone: 'Europe/Warsaw', opens: '08:00', closes: '18:00' }
  await land(db, rawCalendarDay, [
    { ...hours, day: '2026-03-27' },
    { ...hours, day: '2026-03-30' },
  ])

  expect(await rowsOf(db, refCalendarDay)).toMatchObject([
    { day: '2026-03-27', opens_at: '2026-03-27T07:00:00Z', closes_at: '2026-03-27T17:00:00Z' },
    { day: '2026-03-30', opens_at: '2026-03-30T06:00:00Z', closes_at: '2026-03-30T16:00:00Z' },
  ])
})
