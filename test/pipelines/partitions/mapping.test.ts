import fc from 'fast-check'
import { expect, test } from 'vitest'

import { instantsOf, keyAt, keysBetween, neighbour } from '#kit/partitions/calendar.ts'
import { daily, monthly, oneOf, type TimeDimension, weekly } from '#kit/partitions/dimension.ts'
import {
  all,
  downstreamSpan,
  latest,
  type Mapping,
  upstreamKeys,
  window,
} from '#kit/partitions/mapping.ts'

const overlap: Mapping = { kind: 'overlap' }
const berlin = daily({ zone: 'Europe/Berlin' })

test('a day reads the same day', () => {
  expect(upstreamKeys(overlap, { day: berlin }, { paid_on: berlin }, '2026-03-29')).toEqual([
    '2026-03-29',
  ])
})

test('a day that Samoa skipped reads itself, and its week reads it too', () => {
  const samoa = { zone: 'Pacific/Apia' }
  const day = { day: daily(samoa) }
  expect(upstreamKeys(overlap, day, day, '2011-12-30')).toEqual(['2011-12-30'])
  expect(upstreamKeys(overlap, { week: weekly(samoa) }, day, '2011-W52')).toHaveLength(7)
  const skipped = { first: '2011-12-30', last: '2011-12-30' }
  expect(downstreamSpan(overlap, day.day, day.day, skipped)).toEqual(skipped)
})

test('a week reads its seven days', () => {
  expect(upstreamKeys(overlap, { week: weekly() }, { day: daily() }, '2026-W53')).toEqual([
    '2026-12-28',
    '2026-12-29',
    '2026-12-30',
    '2026-12-31',
    '2027-01-01',
    '2027-01-02',
    '2027-01-03',
  ])
})

test('a month reads its days, and a day the week and the month it is in', () => {
  const days = upstreamKeys(overlap, { month: monthly() }, { day: daily() }, '2028-02')
  expect([days[0], days.at(-1), days.length]).toEqual(['2028-02-01', '2028-02-29', 29])
  expect(upstreamKeys(overlap, { day: daily() }, { week: weekly() }, '2027-01-03')).toEqual([
    '2026-W53',
  ])
  expect(upstreamKeys(overlap, { week: weekly() }, { month: monthly() }, '2026-W53')).toEqual([
    '2026-12',
    '2027-01',
  ])
})

test('a day in Berlin reads the two days of UTC that it shares', () => {
  expect(upstreamKeys(overlap, { day: berlin }, { day: daily() }, '2026-11-28')).toEqual([
    '2026-11-27',
    '2026-11-28',
  ])
  expect(upstreamKeys(overlap, { day: daily() }, { day: berlin }, '2026-11-28')).toEqual([
    '2026-11-28',
    '2026-11-29',
  ])
})

test('a day in London reads one day of UTC in winter, and two in summer', () => {
  const london = { day: daily({ zone: 'Europe/London' }) }
  expect(upstreamKeys(overlap, london, { day: daily() }, '2026-12-01')).toEqual(['2026-12-01'])
  expect(upstreamKeys(overlap, london, { day: daily() }, '2026-07-01')).toEqual([
    '2026-06-30',
    '2026-07-01',
  ])
})

test('a window takes neighbours in, or the one before alone', () => {
  const day = { day: daily() }
  expect(upstreamKeys(window(2, 1), day, day, '2026-03-01')).toEqual([
    '2026-02-27',
    '2026-02-28',
    '2026-03-01',
    '2026-03-02',
  ])
  expect(upstreamKeys(window(1, -1), day, day, '2026-03-01')).toEqual(['2026-02-28'])
  expect(upstreamKeys(window(1, 0), { week: weekly() }, day, '2026-W48')).toHaveLength(8)
  expect(() => window(0, -1)).toThrow('window(0, -1) is not a window')
  expect(() => window(0.5, 0)).toThrow('window(0.5, 0)')
})

test('the last of some weeks is the one in which the month ends', () => {
  expect(upstreamKeys(latest, { month: monthly() }, { week: weekly() }, '2026-12')).toEqual([
    '2026-W53',
  ])
  expect(upstreamKeys(latest, { day: daily() }, { month: monthly() }, '2026-11-28')).toEqual([
    '2026-11',
  ])
  // A week that begins as the month ends is not in it.
  expect(upstreamKeys(latest, { month: monthly() }, { week: weekly() }, '2026-05')).toEqual([
    '2026-W22',
  ])
  expect(upstreamKeys(latest, { day: berlin }, { day: daily() }, '2026-11-28')).toEqual([
    '2026-11-28',
  ])
})

test('a table as a whole reads everything, and so does one that asks for all', () => {
  expect(upstreamKeys(overlap, null, { day: daily() }, '')).toBe('all')
  expect(upstreamKeys(all, { day: daily() }, { day: daily() }, '2026-11-28')).toBe('all')
  expect(upstreamKeys(overlap, { of: oneOf(['DE']) }, { day: daily() }, 'DE')).toBe('all')
})

test('a marketplace reads itself, and every one is read by a table that has none', () => {
  const [marketplace, day] = [oneOf(['DE', 'FR']), daily()]
  const up = { marketplace, day }
  const key = 'DE/2026-11-28'
  expect(upstreamKeys(overlap, up, up, key)).toEqual([key])
  expect(upstreamKeys(overlap, { marketplace, week: weekly() }, up, 'FR/2026-W48')).toHaveLength(7)
  expect(upstreamKeys(overlap, { day }, up, '2026-11-28')).toEqual([
    'DE/2026-11-28',
    'FR/2026-11-28',
  ])
  expect(upstreamKeys(overlap, up, { day }, key)).toEqual(['2026-11-28'])
  expect(upstreamKeys(overlap, up, { marketplace }, key)).toEqual(['DE'])
  expect(upstreamKeys(overlap, { day }, { marketplace }, '2026-11-28')).toEqual(['DE', 'FR'])
})

test('a marketplace that what is read does not have reads nothing', () => {
  const down = { marketplace: oneOf(['DE', 'PL']), day: daily() }
  const up = { marketplace: oneOf(['DE', 'FR']), day: daily() }
  expect(upstreamKeys(overlap, down, up, 'PL/2026-11-28')).toEqual([])
})

test('days that are there to read call for the weeks they are in', () => {
  const observed = { first: '2026-11-25', last: '2027-01-03' }
  expect(downstreamSpan(overlap, weekly(), daily(), observed)).toEqual({
    first: '2026-W48',
    last: '2026-W53',
  })
  expect(downstreamSpan(window(7, 0), weekly(), daily(), observed).last).toBe('2027-W01')
  expect(downstreamSpan(window(0, 3), weekly(), daily(), observed).first).toBe('2026-W47')
  expect(downstreamSpan(window(1, -1), daily(), daily(), observed)).toEqual({
    first: '2026-11-26',
    last: '2027-01-04',
  })
  for (const mapping of [all, latest])
    expect(downstreamSpan(mapping, weekly(), daily(), observed)).toEqual({
      first: '2026-W48',
      last: '2026-W53',
    })
})

const dimension = fc
  .record({
    unit: fc.constantFrom('day', 'week', 'month'),
    zone: fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'America/Santiago',
      'Pacific/Honolulu',
      'Pacific/Apia',
      'Pacific/Kiritimati',
      'America/St_Johns',
    ),
  })
  .map(({ unit, zone }): TimeDimension => ({ kind: 'time', unit, zone, from: null }))
const mapping = fc.oneof(
  fc.constantFrom<Mapping>(overlap, latest),
  fc
    .tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 4 }))
    .map(([before, width]) => window(before, width - before)),
)
// Around Christmas of 2011, when Samoa skipped a day, and around changes of the clock.
const instant = fc.oneof(
  fc.date({ min: new Date('2011-12-20'), max: new Date('2012-01-10'), noInvalidDate: true }),
  fc.date({ min: new Date('2010-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
)

test('what is read shares time with what reads it, and its neighbours do not', () => {
  fc.assert(
    fc.property(dimension, dimension, instant, (down, up, at) => {
      const { from, to } = instantsOf(down, keyAt(down, at))
      const keys = upstreamKeys(overlap, { down }, { up }, keyAt(down, at)) as string[]
      expect(keys).toContain(keyAt(up, at))
      const [first, end] = [keys[0] as string, keys.at(-1) as string]
      expect(instantsOf(up, first).to > from && instantsOf(up, end).from < to).toBe(true)
      expect(instantsOf(up, neighbour(up, first, -1)).to <= from).toBe(true)
      expect(instantsOf(up, neighbour(up, end, 1)).from >= to).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('whatever reads a period that was observed is within the span to expect', () => {
  const given = fc.record({ mapping, down: dimension, up: dimension, at: instant })
  fc.assert(
    fc.property(given, fc.nat(20), ({ mapping: how, down, up, at }, length) => {
      const observed = { first: keyAt(up, at), last: neighbour(up, keyAt(up, at), length) }
      const span = downstreamSpan(how, down, up, observed)
      const around = keysBetween(
        down,
        neighbour(down, span.first, -9),
        neighbour(down, span.last, 9),
      )
      const readers = around.filter((key) => {
        const reads = upstreamKeys(how, { down }, { up }, key) as string[]
        return reads.some((each) => each >= observed.first && each <= observed.last)
      })
      expect(readers.filter((key) => key < span.first || key > span.last)).toEqual([])
    }),
    { numRuns: 1000 },
  )
})

test('the ends of the span to expect read something that was observed', () => {
  const unlike = fc.constantFrom<Mapping>(overlap, window(1, 1), window(1, -1), window(0, 2))
  const solid = dimension.filter(({ zone }) => zone !== 'Pacific/Apia')
  fc.assert(
    fc.property(unlike, solid, solid, instant, (each, down, up, at) => {
      const key = keyAt(up, at)
      const span = downstreamSpan(each, down, up, { first: key, last: key })
      expect(upstreamKeys(each, { down }, { up }, span.first)).toContain(key)
      expect(upstreamKeys(each, { down }, { up }, span.last)).toContain(key)
    }),
    { numRuns: 2000 },
  )
})
