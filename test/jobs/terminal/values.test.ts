import { expect, test } from 'vitest'

import { csv } from '#jobs/terminal/formats.ts'
import { table } from '#jobs/terminal/table.ts'
import {
  display,
  displayBytes,
  displayGap,
  displaySeconds,
  printable,
} from '#jobs/terminal/values.ts'

test('money is rounded once, half away from zero, without a float on the way', () => {
  expect(display('1234567.125', 'money')).toBe('1,234,567.13 EUR')
  expect(display('-0.125', 'money')).toBe('-0.13 EUR')
  expect(display('90071992547409931234.005', 'money')).toBe('90,071,992,547,409,931,234.01 EUR')
})

test('a value is shown in its unit, and no value as a dash', () => {
  expect(display('0.923456', 'percent')).toBe('92.35 %')
  expect(display('8.1', 'per_mille')).toBe('8.10 ‰')
  expect(display('0.0412', 'money_per_transaction')).toBe('0.0412 EUR')
  expect(display('12.5', 'hours')).toBe('12.50 h')
  expect(display(null, 'percent')).toBe('–')
})

test('a gap to the target is in points for percentages', () => {
  expect(displayGap(-0.125, 'percent')).toBe('−12.50 pp')
  expect(displayGap(1.5, 'hours')).toBe('+1.50')
})

test('times and sizes are short', () => {
  expect([displaySeconds(940), displaySeconds(125_000)]).toEqual(['0.9 s', '2 min 05 s'])
  expect([displayBytes(999), displayBytes(12_300_000)]).toEqual(['999 B', '12.3 MB'])
})

test('a table has headings, one rule and columns that line up', () => {
  const lines = table(
    [{ title: 'KPI' }, { title: 'Value', align: 'right' }],
    [
      ['fcr', '75.00 %'],
      ['contact_rate', '8.10'],
    ],
  )
  expect(lines.split('\n')).toEqual([
    'KPI             Value',
    '─────────────────────',
    'fcr           75.00 %',
    'contact_rate     8.10',
  ])
})

test('CSV quotes what would break a row', () => {
  expect(csv(['a', 'b'], [{ a: 'x,"y"', b: null }])).toBe('a,b\n"x,""y""",')
})

test('text of a file does not steer the terminal', () => {
  expect(printable('a\u001B[2Jb\tc\nd\u009B\u202Ee')).toBe('a␛[2Jb␉c␊d\uFFFD\uFFFDe')
})
