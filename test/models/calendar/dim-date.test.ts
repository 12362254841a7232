import { expect } from 'vitest'

import { dimDate } from '#models/calendar/dim-date.ts'
import { test } from '#test/kit/database.ts'
import { rowsOf } from '#test/kit/rows.ts'

test('the last days of 2026 and the first of 2027 are one week, 2026-W53', async ({ db }) => {
  const days = await rowsOf(db, dimDate)
  const week = days.filter(({ day }) => day >= '2026-12-27' && day <= '2027-01-04')

  expect(week.map(({ day, iso_year, iso_week }) => [day, iso_year, iso_week])).toEqual([
    ['2026-12-27', 2026, 52],
    ['2026-12-28', 2026, 53],
    ['2026-12-29', 2026, 53],
    ['2026-12-30', 2026, 53],
    ['2026-12-31', 2026, 53],
    ['2027-01-01', 2026, 53],
    ['2027-01-02', 2026, 53],
    ['2027-01-03', 2026, 53],
    ['2027-01-04', 2027, 1],
  ])
  expect(week.at(-2)).toEqual({
    day: '2027-01-03',
    iso_year: 2026,
    iso_week: 53,
    week_start: '2026-12-28',
    month: '2027-01',
    quarter: '2027-Q1',
    year: 2027,
    prior_year_day: '2026-01-04',
  })
})

test('the calendar has every day of 2015 to 2035 once', async ({ db }) => {
  const days = await rowsOf(db, dimDate)
  expect(days.length).toBe(7670)
  expect([days.at(0)?.day, days.at(-1)?.day]).toEqual(['2015-01-01', '2035-12-31'])
})
