import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { zoneNamed } from '#kit/zone.ts'
import { marketplaces } from '#pipelines/demo/marketplaces.ts'
import { dateText, dayOf, HOUR, instantText, mondayOfWeek, secondOf } from '#pipelines/demo/time.ts'
import { test as databaseTest } from '#test/kit/database.ts'

test.for([
  ['Europe/Warsaw', '2026-10-14T21:59:59Z', '2026-10-14'],
  ['Europe/Warsaw', '2026-10-14T22:00:00Z', '2026-10-15'],
  ['Europe/Warsaw', '2026-12-14T22:59:59Z', '2026-12-14'],
  ['Europe/Warsaw', '2026-12-14T23:00:00Z', '2026-12-15'],
  ['America/Los_Angeles', '2026-07-15T06:59:59Z', '2026-07-14'],
  ['America/Los_Angeles', '2026-12-15T07:59:59Z', '2026-12-14'],
  ['Asia/Tokyo', '2026-07-14T15:00:00Z', '2026-07-15'],
])('in %s the instant %s is on %s', ([name, instant, day]) => {
  expect(dateText(zoneNamed(name as string).dayOf(secondOf(instant as string)))).toBe(day)
})

test('days on which clocks change last 23 or 25 hours', () => {
  const berlin = zoneNamed('Europe/Berlin')
  expect(berlin.lengthOf(dayOf('2026-03-29'))).toBe(23 * HOUR)
  expect(berlin.lengthOf(dayOf('2026-10-25'))).toBe(25 * HOUR)
  expect(zoneNamed('America/Los_Angeles').lengthOf(dayOf('2026-11-01'))).toBe(25 * HOUR)
  expect(berlin.lengthOf(dayOf('2026-11-01'))).toBe(24 * HOUR)
})

test('a local day begins at its midnight, whatever the season', () => {
  expect(instantText(zoneNamed('Europe/London').startOf(dayOf('2026-07-01')))).toBe(
    '2026-06-30T23:00:00Z',
  )
  expect(instantText(zoneNamed('Europe/London').startOf(dayOf('2026-12-01')))).toBe(
    '2026-12-01T00:00:00Z',
  )
  expect(instantText(zoneNamed('Europe/Rome').instantOf(dayOf('2026-10-26'), 8 * HOUR))).toBe(
    '2026-10-26T07:00:00Z',
  )
})

test('2026 has a week 53, and 2027-W04 ends on 31 January', () => {
  expect(dateText(mondayOfWeek(2026, 53))).toBe('2026-12-28')
  expect(dateText(mondayOfWeek(2027, 4) + 6)).toBe('2027-01-31')
})

databaseTest('Postgres counts every hour of three years to the same day', async ({ db }) => {
  const hours = 3 * 365 * 24
  for (const { zone } of marketplaces) {
    const { rows } = await sql<{ day: string }>`
      select (to_timestamp(${secondOf('2025-01-01T00:00:00Z')}::int8 + 3600 * n)
        at time zone ${zone.name})::date::text as day
      from generate_series(0, ${hours}::int - 1) n order by n`.execute(db)
    const days = Array.from({ length: hours }, (_, hour) =>
      dateText(zone.dayOf(secondOf('2025-01-01T00:00:00Z') + HOUR * hour)),
    )
    expect(rows.map(({ day }) => day)).toEqual(days)
  }
})
