/** One damaged cell in an otherwise good row. */
import type { Source } from '#kit/asset.ts'
import { rawFee } from '#pipelines/fees/fee.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { rawRateCard } from '#pipelines/reference/rate-card.ts'
import { rawSlaPolicy } from '#pipelines/reference/sla-policy.ts'

/** What is in the cell, and either the value that is stored or what the user is told. */
export interface DamagedCell {
  kind: string
  source: Source
  column: string
  cell: string
  stored?: unknown
  told?: string
}

type Line = [kind: string, cell: string, outcome: { stored: unknown } | { told: string }]

const cellsOf = (source: Source, column: string, lines: readonly Line[]): DamagedCell[] =>
  lines.map(([kind, cell, outcome]) => ({ kind, source, column, cell, ...outcome }))

const amount = 'a whole number of minor units such as 1999 for 19.99'
const euro =
  'one of EUR, EEK, HUF, RUB, AUD, IDR, INR, MYR, ZAR, USD, JPY, BGN and 30 more. Did you mean EUR?'

/** The sentence about one cell. */
const told = (column: string, expected: string) => (found: string) => ({
  told: `${column}: found ${JSON.stringify(found)}, expected ${expected}${/[.?]$/.test(expected) ? '' : '.'}`,
})
const money = told('amount_minor', amount)
const moment = told('occurred_at', 'an instant with its offset such as 2026-10-14T09:30:00Z')
const currency = told('currency', euro)
const words = told('fee_id', 'UTF-8 text of at most 40 characters')
const date = told('due_on', 'a day such as 2026-10-14')
const number = told('quantity', 'a whole number of at most 2,147,483,647 such as 120')
const exact = told('rate', 'a decimal number such as 12.50')
const yesOrNo = told('pauses_while_waiting', 'true or false')

export const damagedCells: readonly DamagedCell[] = [
  ...cellsOf(rawFeeEvent, 'amount_minor', [
    ['a comma as decimal point', '19,99', money('19,99')],
    ['a decimal point', '19.99', money('19.99')],
    ['a whole number with a point', '1999.0', money('1999.0')],
    ['thousands separators', '1,999', money('1,999')],
    ['thousands separators of another country', '1.999', money('1.999')],
    ['an apostrophe between thousands', "1'999", money("1'999")],
    ['a currency sign', '€1999', money('€1999')],
    ['not a number', 'NaN', money('NaN')],
    ['infinity', 'Infinity', money('Infinity')],
    ['scientific notation', '1e5', money('1e5')],
    ["a spreadsheet's error", '#REF!', money('#REF!')],
    ['the word null', 'NULL', money('NULL')],
    ['a plus sign', '+5', money('+5')],
    ['parentheses for a negative amount', '(1999)', money('(1999)')],
    ['a minus sign behind', '1999-', money('1999-')],
    ['a typographic minus', '−5', money('−5')],
    ['hexadecimal', '0x10', money('0x10')],
    ['a space before', ' 5', money(' 5')],
    ['a space behind', '5 ', money('5 ')],
    ['digits of another script', '١٢', money('١٢')],
    ['more than 8 bytes hold', '9223372036854775808', money('9223372036854775808')],
    ['more than a double counts exactly', '9007199254740993', money('9007199254740993')],
    [
      'an empty cell where a value must be',
      '',
      { told: `amount_minor: found nothing, expected ${amount}.` },
    ],
    ['negative zero', '-0', { stored: 0 }],
    ['leading zeros', '007', { stored: 7 }],
  ]),
  ...cellsOf(rawFeeEvent, 'occurred_at', [
    ['an instant without its offset', '2026-10-14T09:30:00', moment('2026-10-14T09:30:00')],
    ['a space instead of the T', '2026-10-14 09:30:00Z', moment('2026-10-14 09:30:00Z')],
    ['a day alone', '2026-10-14', moment('2026-10-14')],
    ['hour 24', '2026-10-14T24:00:00Z', moment('2026-10-14T24:00:00Z')],
    ['second 60', '2026-12-31T23:59:60Z', moment('2026-12-31T23:59:60Z')],
    ['seconds since 1970', '1791970200', moment('1791970200')],
    ['a time zone by name', '2026-10-14T09:30:00 CET', moment('2026-10-14T09:30:00 CET')],
    ['now', 'now', moment('now')],
    ['an offset', '2026-10-14T11:30:00+02:00', { stored: '2026-10-14T09:30:00Z' }],
  ]),
  ...cellsOf(rawFeeEvent, 'currency', [
    [
      'an unknown currency',
      'EURO',
      {
        told: 'currency: found "EURO", expected one of EUR, USD, EEK, HUF, ROL, RON, HRK, RUB, TRL, TRY, AUD, BRL and 30 more. Did you mean EUR?',
      },
    ],
    ['a currency in lower case', 'eur', currency('eur')],
    ['a currency with a space', 'EUR ', currency('EUR ')],
  ]),
  ...cellsOf(rawFeeEvent, 'fee_id', [
    ['a NUL', 'a\0b', words('a\0b')],
    ['text that is too long', 'x'.repeat(41), words('x'.repeat(41))],
    ['text of a formula', '=SUM(A1:A9)', { stored: '=SUM(A1:A9)' }],
    ['spaces around text', ' F1 ', { stored: ' F1 ' }],
    ['what COPY takes for null', '\\N', { stored: '\\N' }],
    ['SQL', "'; drop table raw.fee; --", { stored: "'; drop table raw.fee; --" }],
  ]),
  ...cellsOf(rawFee, 'due_on', [
    ['30 February', '2026-02-30', date('2026-02-30')],
    ['29 February of a year that has none', '2026-02-29', date('2026-02-29')],
    ['29 February of a leap year', '2028-02-29', { stored: '2028-02-29' }],
    ['month 13', '2026-13-01', date('2026-13-01')],
    ['the year 0', '0000-01-01', date('0000-01-01')],
    ['day, month, year', '31/10/2026', date('31/10/2026')],
    ['month, day, year', '10/31/26', date('10/31/26')],
    ["a spreadsheet's day number", '46326', date('46326')],
    ['one digit for a month', '2026-1-5', date('2026-1-5')],
    ['an instant for a day', '2026-10-31T00:00:00Z', date('2026-10-31T00:00:00Z')],
    ['infinity as a day', 'infinity', date('infinity')],
  ]),
  ...cellsOf(rawFee, 'quantity', [
    ['more than 4 bytes hold', '2147483648', number('2147483648')],
    ['N/A', 'N/A', number('N/A')],
    ['an empty cell where none is needed', '', { stored: null }],
  ]),
  ...cellsOf(rawRateCard, 'rate', [
    ['scientific notation in a decimal', '1e5', exact('1e5')],
    ['not a number in a decimal', 'NaN', exact('NaN')],
    ['a decimal comma', '0,21', exact('0,21')],
    ['a percent sign', '21%', exact('21%')],
    ['a decimal without its zero', '.5', exact('.5')],
    ['more digits than are kept', '0.12345678901234567', exact('0.12345678901234567')],
    [
      'every digit that is kept',
      '12345678901234567890.1234567890123456',
      { stored: '12345678901234567890.1234567890123456' },
    ],
  ]),
  ...cellsOf(rawSlaPolicy, 'pauses_while_waiting', [
    ['TRUE of a spreadsheet', 'TRUE', yesOrNo('TRUE')],
    ['1 for true', '1', yesOrNo('1')],
    ['yes', 'yes', yesOrNo('yes')],
  ]),
]
