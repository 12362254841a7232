import { sql } from 'kysely'
import * as z from 'zod'

import { model } from '#kit/asset.ts'
import { count, day, month, text } from '#kit/columns.ts'

import { mondayOf, plusDays } from './days.ts'

const everyDay = sql<{ day: string }>`(
  select day::date from generate_series(date '2015-01-01', date '2035-12-31', interval '1 day') day
)`

/** The calendar days, with the ISO week each belongs to. The one owner of "week". */
export const dimDate = model({
  name: 'mart.dim_date',
  description: 'Calendar days with their ISO week and the day a year-on-year comparison takes.',
  contract: z.object({
    day: day().describe('The day'),
    iso_year: count().describe('Year of the ISO week: 2026-12-31 and 2027-01-03 are in 2026-W53'),
    iso_week: count().describe('ISO week, 1 to 53'),
    week_start: day().describe('Monday of the ISO week'),
    month: month().describe('Month such as 2026-09'),
    quarter: text().describe('Quarter such as 2026-Q3'),
    year: count().describe('Calendar year'),
    prior_year_day: day().describe('The same weekday 52 weeks before'),
  }),
  grain: ['day'],
  reads: [],
  query: (db) =>
    db
      .selectFrom(everyDay.as('d'))
      .select(({ ref }) => [
        'd.day',
        datePart('isoyear').as('iso_year'),
        datePart('week').as('iso_week'),
        mondayOf(ref('d.day')).as('week_start'),
        written('YYYY-MM').as('month'),
        written('YYYY-"Q"Q').as('quarter'),
        datePart('year').as('year'),
        plusDays(ref('d.day'), -364).as('prior_year_day'),
      ]),
})

const datePart = (part: 'isoyear' | 'week' | 'year') =>
  sql<number>`extract(${sql.raw(part)} from ${sql.ref('d.day')})::int`

const written = (pattern: string) => sql<string>`to_char(${sql.ref('d.day')}, ${sql.lit(pattern)})`
