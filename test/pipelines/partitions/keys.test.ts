import { expect, test } from 'vitest'

import { checkKey } from '#kit/partitions/check-key.ts'
import { daily, monthly, oneOf, weekly } from '#kit/partitions/dimension.ts'
import { expectedKeys, keysInRange, timeKeyOf, valueOf } from '#kit/partitions/keys.ts'

const marketplace = oneOf(['DE', 'FR', 'UK'])
const berlin = 'Europe/Berlin'

test('a day is expected once it has ended where it is counted', () => {
  const day = daily({ zone: berlin, from: '2026-11-26' })
  const at = (now: string) => expectedKeys({ day }, { now: new Date(now) })
  expect(at('2026-11-28T22:59:59Z')).toEqual(['2026-11-26', '2026-11-27'])
  expect(at('2026-11-28T23:00:00Z')).toEqual(['2026-11-26', '2026-11-27', '2026-11-28'])
})

test('without a beginning, what there is to read is expected and nothing else', () => {
  const now = new Date('2026-11-28T06:00:00Z')
  const observed = ['2026-W47', '2026-W44', '2026-W47']
  expect(expectedKeys({ week: weekly() }, { now, observed })).toEqual(['2026-W44', '2026-W47'])
  expect(expectedKeys({ week: weekly() }, { now })).toEqual([])
})

test('a table that begins in the future waits', () => {
  const month = monthly({ from: '2027-06-15' })
  const at = (now: string) => expectedKeys({ month }, { now: new Date(now) })
  expect(at('2026-11-28T06:00:00Z')).toEqual([])
  expect(at('2027-08-01T00:00:00Z')).toEqual(['2027-06', '2027-07'])
})

test('two dimensions are expected in every combination, the value first', () => {
  const day = daily({ from: '2026-11-26' })
  const now = new Date('2026-11-28T00:00:00Z')
  const keys = [
    'DE/2026-11-26',
    'DE/2026-11-27',
    'FR/2026-11-26',
    'FR/2026-11-27',
    'UK/2026-11-26',
    'UK/2026-11-27',
  ]
  expect(expectedKeys({ marketplace, day }, { now })).toEqual(keys)
  expect(expectedKeys({ day, marketplace }, { now })).toEqual(keys)
  expect(expectedKeys({ marketplace, day: daily() }, { now })).toEqual([])
  expect(expectedKeys({ marketplace }, { now })).toEqual(['DE', 'FR', 'UK'])
})

test('a wrong date does not become a table of a million days', () => {
  const observed = ['9999-12-31', '2026-01-01']
  const now = new Date('2026-11-28T00:00:00Z')
  expect(expectedKeys({ day: daily() }, { now, observed })).toEqual(['2026-01-01', '9999-12-31'])
  expect(() => expectedKeys({ day: daily({ from: '1026-01-01' }) }, { now })).toThrow(
    'From 1026-01-01 to 2026-11-27 there are 365,574 days; at most 100,000 are allowed.',
  )
})

test('a key is taken apart', () => {
  const both = { day: daily(), marketplace }
  expect([valueOf(both, 'DE/2026-11-28'), timeKeyOf(both, 'DE/2026-11-28')]).toEqual([
    'DE',
    '2026-11-28',
  ])
  expect([valueOf({ marketplace }, 'DE'), timeKeyOf({ marketplace }, 'DE')]).toEqual(['DE', null])
  expect(valueOf({ day: daily() }, '2026-11-28')).toBe(null)
  const nested = { desk: oneOf(['EU/appeals']), day: daily() }
  expect(valueOf(nested, 'EU/appeals/2026-11-28')).toBe('EU/appeals')
})

test('a range may be typed in days, weeks or months, and its ends are in it', () => {
  expect(keysInRange({ week: weekly() }, '2026-11', '2026-W49')).toEqual([
    '2026-W44',
    '2026-W45',
    '2026-W46',
    '2026-W47',
    '2026-W48',
    '2026-W49',
  ])
  const days = keysInRange({ day: daily({ zone: berlin }) }, '2026-01', '2026-W10')
  expect([days[0], days.at(-1), days.length]).toEqual(['2026-01-01', '2026-03-08', 67])
  expect(keysInRange({ month: monthly() }, '2026-11-30', '2026-W53')).toEqual([
    '2026-11',
    '2026-12',
    '2027-01',
  ])
  expect(
    keysInRange({ marketplace: oneOf(['DE', 'FR']), day: daily() }, '2026-11-28', '2026-11-28'),
  ).toEqual(['DE/2026-11-28', 'FR/2026-11-28'])
})

test('a range that cannot be meant says why', () => {
  const day = daily()
  expect(() => keysInRange({ marketplace }, '2026-01', '2026-02')).toThrow(
    'A range from 2026-01 to 2026-02 needs periods of time, and these partitions are values: ' +
      'DE, FR, UK. Name those you mean.',
  )
  expect(() => keysInRange({ day }, '2026-11-31', '2026-12')).toThrow(
    '"2026-11-31" is not a day, week or month, such as 2026-11-28, 2026-W48 or 2026-11.',
  )
  expect(() => keysInRange({ day }, '2026-W10', '2026-01')).toThrow(
    'The range from 2026-W10 to 2026-01 ends before it begins. Turn the two around.',
  )
})

const day = daily({ zone: berlin })

test.for([
  ['2026-02-30', { day }, 'the calendar has no day 2026-02-30. One is called 2026-11-28.'],
  ['2021-W53', { week: weekly() }, 'the calendar has no week 2021-W53. One is called 2026-W48.'],
  ['2026-W00', { week: weekly() }, 'the calendar has no week 2026-W00. One is called 2026-W48.'],
  ['2026-13', { month: monthly() }, 'the calendar has no month 2026-13. One is called 2026-11.'],
  [
    '2026-W48',
    { day },
    '2026-W48 is a week and its partitions are days: that is 2026-11-23 to 2026-11-29. ' +
      'One is called 2026-11-28.',
  ],
  [
    '2026-11-28',
    { week: weekly() },
    '2026-11-28 is a day and its partitions are weeks: that is in 2026-W48. One is called 2026-W48.',
  ],
  ['28.11.2026', { day }, '"28.11.2026" is not a day. One is called 2026-11-28.'],
  ['', { day }, '"" is not a day. One is called 2026-11-28.'],
  [
    'XX/2026-01-01',
    { marketplace, day },
    '"XX" is not one of DE, FR, UK. One is called DE/2026-11-28.',
  ],
  [
    '2026-01-01',
    { marketplace, day },
    'a value and a period name one, with a slash between them. One is called DE/2026-11-28.',
  ],
  ['DE/2026-1-1', { marketplace, day }, '"2026-1-1" is not a day. One is called DE/2026-11-28.'],
  ['UKK', { marketplace }, '"UKK" is not one of UK, DE, FR. One is called DE.'],
] as const)(
  'a partition that is not one is named with what is allowed: %j',
  ([key, partitionedBy, message]) => {
    expect(() => checkKey('mart.daily_fee', partitionedBy, key)).toThrow(
      `mart.daily_fee has no partition ${JSON.stringify(key)}: ${message}`,
    )
  },
)

test('a partition of the calendar and the list is one', () => {
  expect(() => {
    checkKey('mart.daily_fee', { day }, '2028-02-29')
    checkKey('mart.daily_fee', { week: weekly() }, '2026-W53')
    checkKey('mart.daily_fee', { month: monthly() }, '2026-12')
    checkKey('mart.daily_fee', { marketplace, day }, 'UK/2026-11-28')
    checkKey('mart.daily_fee', { marketplace }, 'FR')
  }).not.toThrow()
})

test('a table is not partitioned by two times', () => {
  expect(() => valueOf({ day, week: weekly() }, '2026-11-28')).toThrow(
    'A table is partitioned by day, week; it can be by one dimension, or by a fixed and a time',
  )
})
