import { expect, test } from 'vitest'
import { difference } from './compare.ts'

test('answers are the same in any order, unless they have one', () => {
  const [one, other] = [
    ['DE', '1'],
    [null, '2'],
  ]
  expect(difference([one, other], [other, one], false)).toBeUndefined()
  expect(difference([one, other], [other, one], true)).toMatch('row 1 is ["DE","1"]')
})

test('a quotient may be cut at another digit, and nothing else may differ', () => {
  const differs = (asked: string | null, byHand: string | null) =>
    difference([[asked]], [[byHand]], false) !== undefined
  expect(differs('0.33333333333333333333', '0.3333333333333333')).toBe(false)
  expect(differs('12.50', '12.5')).toBe(false)
  expect(differs('0.333333333333', '0.3333333333333333')).toBe(true)
  expect(differs('12345678901234567890.01', '12345678901234567890.02')).toBe(true)
  expect(differs('0', null)).toBe(true)
  expect(differs('', null)).toBe(true)
})

test('a row more is a difference, also where the others are alike', () => {
  expect(difference([['DE'], ['DE']], [['DE']], false)).toBe('2 rows, by hand 1')
  expect(difference([['DE'], ['DE'], ['FR']], [['DE'], ['FR'], ['FR']], false)).toMatch('row 2')
})
