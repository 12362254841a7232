import fc from 'fast-check'
import { expect, test } from 'vitest'

import { daysOf, instantsOf, keyAt, keysBetween, neighbour } from '#kit/partitions/calendar.ts'
import { daily, monthly, type TimeDimension, weekly } from '#kit/partitions/dimension.ts'

const hours = (dimension: TimeDimension, key: string) => {
  const { from, to } = instantsOf(dimension, key)
  return (Date.parse(to) - Date.parse(from)) / 3_600_000
}

test('a day in Berlin begins at its own midnight', () => {
  expect(instantsOf(daily({ zone: 'Europe/Berlin' }), '2026-11-28')).toEqual({
    from: '2026-11-27T23:00:00Z',
    to: '2026-11-28T23:00:00Z',
  })
})

test.for([
  ['Europe/Berlin', '2026-03-29', 23],
  ['Europe/Berlin', '2026-10-25', 25],
  ['America/New_York', '2026-03-08', 23],
  ['America/New_York', '2026-11-01', 25],
  ['America/New_York', '2026-10-25', 24],
  ['Australia/Lord_Howe', '2026-04-05', 24.5],
  ['Asia/Tokyo', '2026-03-29', 24],
] as const)('in %s the day %s lasts %d hours', ([zone, day, length]) => {
  expect(hours(daily({ zone }), day)).toBe(length)
})

test('a summer time that lasted a week is not missed', () => {
  const roraima = daily({ zone: 'America/Boa_Vista' })
  const lengths = keysBetween(roraima, '2000-10-07', '2000-10-15').map((day) => hours(roraima, day))
  expect(lengths).toEqual([24, 23, 24, 24, 24, 24, 24, 25, 24])
})

test('the week and the month in which clocks go back are an hour longer', () => {
  expect(hours(weekly({ zone: 'Europe/Berlin' }), '2026-W43')).toBe(7 * 24 + 1)
  expect(hours(monthly({ zone: 'Europe/Berlin' }), '2026-10')).toBe(31 * 24 + 1)
})

test('where clocks skip midnight, the day begins with the first minute they show', () => {
  const santiago = daily({ zone: 'America/Santiago' })
  expect(instantsOf(santiago, '2026-09-06')).toEqual({
    from: '2026-09-06T04:00:00Z',
    to: '2026-09-07T03:00:00Z',
  })
  expect(keyAt(santiago, new Date('2026-09-06T03:59:59.999Z'))).toBe('2026-09-05')
  expect(keyAt(santiago, new Date('2026-09-06T04:00:00Z'))).toBe('2026-09-06')
})

test('where clocks go back at midnight, the day before is an hour longer', () => {
  expect(hours(daily({ zone: 'America/Santiago' }), '2026-04-04')).toBe(25)
})

test('where midnight comes twice, the day begins with the first', () => {
  expect(instantsOf(daily({ zone: 'America/Havana' }), '2026-11-01').from).toBe(
    '2026-11-01T04:00:00Z',
  )
})

test('an hour shown once more after midnight stays in the day that has begun', () => {
  const newfoundland = daily({ zone: 'America/St_Johns' })
  expect(instantsOf(newfoundland, '2010-11-07').from).toBe('2010-11-07T02:30:00Z')
  expect(keyAt(newfoundland, new Date('2010-11-07T02:30:30Z'))).toBe('2010-11-07')
  expect(keyAt(newfoundland, new Date('2010-11-07T02:31:30Z'))).toBe('2010-11-07')
})

test('the day that Samoa skipped is empty, and its neighbours touch', () => {
  const samoa = daily({ zone: 'Pacific/Apia' })
  const dateline = '2011-12-30T10:00:00Z'
  expect(instantsOf(samoa, '2011-12-29').to).toBe(dateline)
  expect(instantsOf(samoa, '2011-12-30')).toEqual({ from: dateline, to: dateline })
  expect(instantsOf(samoa, '2011-12-31').from).toBe(dateline)
  expect(keyAt(samoa, new Date(dateline))).toBe('2011-12-31')
})

test('2020 and 2026 have a week 53, and it ends in the year after', () => {
  expect(daysOf(weekly(), '2026-W53')).toEqual({ from: '2026-12-28', to: '2027-01-04' })
  expect(daysOf(weekly(), '2020-W53')).toEqual({ from: '2020-12-28', to: '2021-01-04' })
  expect(keysBetween(weekly(), '2026-W52', '2027-W02')).toEqual([
    '2026-W52',
    '2026-W53',
    '2027-W01',
    '2027-W02',
  ])
})

test('week 1 may begin in December', () => {
  expect(daysOf(weekly(), '2026-W01')).toEqual({ from: '2025-12-29', to: '2026-01-05' })
  expect(keyAt(weekly(), new Date('2025-12-29T00:00:00Z'))).toBe('2026-W01')
})

test('a year without a week 53 has none', () => {
  expect(() => daysOf(weekly(), '2021-W53')).toThrow('"2021-W53" is not a week, such as 2026-W48.')
  expect(neighbour(weekly(), '2021-W52', 1)).toBe('2022-W01')
})

test('months have their own lengths', () => {
  expect(daysOf(monthly(), '2028-02')).toEqual({ from: '2028-02-01', to: '2028-03-01' })
  expect(neighbour(monthly(), '2026-11', 2)).toBe('2027-01')
  expect(neighbour(monthly(), '2026-01', -1)).toBe('2025-12')
})

test('a zone that is misspelt is named with those it may be', () => {
  expect(() => instantsOf(daily({ zone: 'Europe/Berln' }), '2026-11-28')).toThrow(
    /"Europe\/Berln" is not a time zone. The nearest names: Europe\/Berlin, /,
  )
  expect(() => instantsOf(daily({ zone: '+01:00' }), '2026-11-28')).toThrow('is not a time zone')
})

const dimension = fc
  .record({
    unit: fc.constantFrom('day', 'week', 'month'),
    zone: fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'America/Santiago',
      'America/St_Johns',
      'Africa/Cairo',
      'Africa/Casablanca',
      'America/Boa_Vista',
      'Asia/Beirut',
      'Pacific/Apia',
      'Pacific/Kwajalein',
      'Pacific/Chatham',
      'Australia/Lord_Howe',
    ),
  })
  .map(({ unit, zone }): TimeDimension => ({ kind: 'time', unit, zone, from: null }))
const instant = fc.date({
  min: new Date('1905-01-01T00:00:00Z'),
  max: new Date('2090-01-01T00:00:00Z'),
  noInvalidDate: true,
})

test('whatever the zone, an instant lies in the period it is said to be in', () => {
  fc.assert(
    fc.property(dimension, instant, (time, at) => {
      const { from, to } = instantsOf(time, keyAt(time, at))
      expect(at.getTime()).toBeGreaterThanOrEqual(Date.parse(from))
      expect(at.getTime()).toBeLessThan(Date.parse(to))
    }),
    { numRuns: 3000 },
  )
})

test('whatever the zone, a period ends where the next begins, and its ends are in it', () => {
  fc.assert(
    fc.property(dimension, instant, (time, at) => {
      const key = keyAt(time, at)
      const next = neighbour(time, key, 1)
      const { from, to } = instantsOf(time, key)
      expect(to).toBe(instantsOf(time, next).from)
      expect(daysOf(time, key).to).toBe(daysOf(time, next).from)
      expect(neighbour(time, next, -1)).toBe(key)
      expect(keyAt(time, new Date(from))).toBe(key)
      expect(keyAt(time, new Date(Date.parse(to) - 1))).toBe(key)
    }),
    { numRuns: 3000 },
  )
})
