import { expect, test } from 'vitest'

import { daily, monthly, oneOf, weekly } from '#kit/partitions/dimension.ts'
import { keysInRange } from '#kit/partitions/keys.ts'
import { sliceOf, slicesOf } from '#kit/partitions/slices.ts'

const marketplace = oneOf(['DE', 'FR'])

test('days that follow each other are one slice, with the hour that the clocks gave', () => {
  const day = daily({ zone: 'Europe/Berlin' })
  expect(sliceOf({ day }, ['2026-10-26', '2026-10-24', '2026-10-25'])).toEqual({
    keys: ['2026-10-24', '2026-10-25', '2026-10-26'],
    days: { from: '2026-10-24', to: '2026-10-27' },
    instants: { from: '2026-10-23T22:00:00Z', to: '2026-10-26T23:00:00Z' },
    value: null,
  })
})

test('a gap, another value and the end of a year part slices only where something is missing', () => {
  const partitionedBy = { week: weekly(), marketplace }
  const keys = ['FR/2026-W53', 'DE/2027-W01', 'DE/2026-W53', 'DE/2026-W51', 'DE/2026-W51']
  expect(slicesOf(partitionedBy, keys)).toMatchObject([
    { keys: ['DE/2026-W51'], value: 'DE', days: { from: '2026-12-14', to: '2026-12-21' } },
    {
      keys: ['DE/2026-W53', 'DE/2027-W01'],
      value: 'DE',
      days: { from: '2026-12-28', to: '2027-01-11' },
      instants: { from: '2026-12-28T00:00:00Z', to: '2027-01-11T00:00:00Z' },
    },
    { keys: ['FR/2026-W53'], value: 'FR' },
  ])
})

test('every value is a slice of its own', () => {
  expect(slicesOf({ marketplace }, ['FR', 'DE'])).toEqual([
    { keys: ['DE'], value: 'DE', days: null, instants: null },
    { keys: ['FR'], value: 'FR', days: null, instants: null },
  ])
})

test('partitions apart are not one slice, and none is no slice', () => {
  const month = monthly()
  expect(() => sliceOf({ month }, ['2026-11', '2026-09'])).toThrow(
    '2026-09 and 2026-11 are not neighbours, so they are two slices, not one.',
  )
  expect(() => sliceOf({ month }, [])).toThrow('A slice needs a partition, and there is none.')
  expect(() => sliceOf({ month }, ['2026-11-28'])).toThrow('"2026-11-28" is not a month')
  expect(() => sliceOf({ marketplace }, ['XX'])).toThrow('"XX" has none of the values DE, FR.')
  expect(slicesOf({ month }, [])).toEqual([])
})

test('every second day of a century is a slice of its own', () => {
  const day = daily({ zone: 'America/New_York' })
  const all = keysInRange({ day }, '1960-01-01', '2060-01-01')
  const slices = slicesOf({ day }, all.filter((_, at) => at % 2 === 0).toReversed())
  expect(slices.length).toBe(Math.ceil(all.length / 2))
  expect(slices.map(({ keys }) => keys[0])).toEqual(all.filter((_, at) => at % 2 === 0))
})
