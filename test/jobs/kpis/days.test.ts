import { expect, test } from 'vitest'

import { readDay, readWeek, sundayBefore, weekOf } from '#jobs/kpis/days.ts'

test('2026 has a week 53, which ends in January 2027', () => {
  expect(readWeek('2026-W53')).toEqual({ from: '2026-12-28', to: '2027-01-03' })
  expect(weekOf('2027-01-03')).toBe('2026-W53')
  expect(weekOf('2027-01-04')).toBe('2027-W01')
})

test('a week that a year does not have is refused with those it has', () => {
  expect(() => readWeek('2027-W53')).toThrow('2027 has the weeks 2027-W01 to 2027-W52')
  expect(() => readWeek('2027-W00')).toThrow('does not exist')
  expect(() => readWeek('week 40')).toThrow('write it like 2026-W40')
})

test('the first days of a January can belong to the year before', () => {
  expect(weekOf('2023-01-01')).toBe('2022-W52')
  expect(weekOf('2024-12-30')).toBe('2025-W01')
})

test('a day that no calendar has is refused', () => {
  expect(readDay('2026-02-28', '--from')).toBe('2026-02-28')
  expect(() => readDay('2026-02-29', '--from')).toThrow('--from 2026-02-29 is not a day')
})

test('the snapshot of a Sunday is that Sunday, of any other day the Sunday before', () => {
  expect(sundayBefore('2027-01-31')).toBe('2027-01-31')
  expect(sundayBefore('2027-02-01')).toBe('2027-01-31')
  expect(sundayBefore('2027-01-30')).toBe('2027-01-24')
})
