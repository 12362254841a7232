import fc from 'fast-check'
import { expect, test } from 'vitest'

import { guarded, unguarded } from '#kit/mended.ts'

test('no cell of a mendable file begins as a formula does', () => {
  const formulas = ['=1+1', '+1', '-1+1', '@SUM(A1)', '\t=1', ' =1', '\r\n=1', '＝1', "'=1", '-']
  for (const cell of formulas) expect(guarded(cell)).toBe(`'${cell}`)
})

test('what no spreadsheet would run stays as it is', () => {
  for (const cell of ['', 'DE', '-5', '-12.50', "O'Brien", "'quoted'", '2026-10-14', 'a=b'])
    expect(guarded(cell)).toBe(cell)
})

test('a cell comes back from the file as it went in', () => {
  const unit = fc.constantFrom("'", '=', '+', '-', '@', '\t', ' ', '.', '5', 'a', '＝')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 6 }), (cell) => {
      expect(unguarded(guarded(cell))).toBe(cell)
    }),
    { numRuns: 2000 },
  )
})
