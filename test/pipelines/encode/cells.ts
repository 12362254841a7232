/** Cells for the fuzz: mostly what a kind allows, often at its edge, sometimes what it must refuse. */
import type * as z from 'zod'

import { kindOf, type Kind } from '#kit/columns.ts'

/** Numbers in [0, 1) that are the same for the same seed. */
export type Random = () => number

export function seeded(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}

const below = (random: Random, limit: number) => Math.floor(random() * limit)
const oneOf = <T>(random: Random, values: readonly T[]): T => values[below(random, values.length)]!
const padded = (value: number, digits: number) => String(value).padStart(digits, '0')

/** A cell for a column, as bytes: some are not UTF-8, unless all that is asked for is `good`. */
export function cellFor(schema: z.ZodType, random: Random, good: boolean): Buffer {
  const inner = schema.type === 'nullable' ? (schema as z.ZodNullable<z.ZodType>).unwrap() : schema
  const kind = kindOf(inner)
  if (!kind) throw new Error('the fuzz knows no values for this column')
  const isNullable = schema.type === 'nullable'
  const chance = random()
  if (isNullable && chance > 0.7) return Buffer.alloc(0)
  if (good) return Buffer.from(cellOf(kind, random))
  if (chance < 0.03) return Buffer.from(oneOf(random, edges[kind.is]))
  if (chance < 0.034) return Buffer.from(oneOf(random, edges[oneOf(random, kinds)]))
  if (chance < 0.035) return Buffer.from(oneOf(random, notUtf8), 'hex')
  if (chance < 0.038) return Buffer.alloc(0)
  if (chance < 0.045) return Buffer.from(mutated(cellOf(kind, random), random))
  return Buffer.from(cellOf(kind, random))
}

/** What feeds hold that looks like a value of the kind, and is its last one or none. */
const edges: Record<Kind['is'], readonly string[]> = {
  whole: [
    ...[
      '-0',
      '-',
      '--1',
      '1-',
      '+1',
      ' 1',
      '1 ',
      '007',
      '0x10',
      '1e5',
      '1E5',
      '1.0',
      '1,5',
      '1_000',
      '१',
    ],
    ...['NaN', 'Infinity', '-Infinity', '12345678901234567890', '9999999999999999'],
    ...['9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740991'],
    ...[
      '-9007199254740992',
      '2147483647',
      '2147483648',
      '-2147483647',
      '-2147483648',
      '9999999999',
    ],
    ...['0000000000000001', '00000000000000001', '-0000000000000000', '-00000000000000000'],
  ],
  decimal: [
    ...[
      '-0',
      '-0.00',
      '-',
      '+1',
      ' 1',
      '1 ',
      '1.',
      '.5',
      '-.5',
      '0.1.2',
      '1,5',
      '1e5',
      'NaN',
      'Infinity',
    ],
    ...[
      '00000000000000000000',
      '000000000000000000000',
      '99999999999999999999',
      '100000000000000000000',
    ],
    ...[
      '0.0000000000000001',
      '0.00000000000000010',
      '99999999999999999999.9999999999999999',
      '10000',
      '9999.9999',
    ],
    ...[
      '0.00010000',
      '10000.0001',
      '100000000',
      '12345.6',
      '0.1234567890123456',
      '1.10',
      '0.0',
      '1.a',
      'a.1',
    ],
  ],
  instant: [
    ...['2026-06-14T09:30Z', '2026-06-14T09:30:00', '2026-06-14 09:30:00Z', '2026-06-14T09:30:00z'],
    ...[
      '2026-06-14t09:30:00Z',
      '2026-06-14T24:00:00Z',
      '2016-12-31T23:59:60Z',
      '2026-06-14T09:60:00Z',
    ],
    ...[
      '2026-06-14T09:30:00.Z',
      '2026-06-14T09:30:00,5Z',
      '2026-06-14T09:30:00+0200',
      '2026-06-14T09:30:00+02',
    ],
    ...[
      '2026-02-30T00:00:00Z',
      '1900-02-29T00:00:00Z',
      '2026-06-14T09:30:00+16:00',
      '2026-06-14T09:30:00-16:00',
    ],
    ...['2026-06-14T09:30:00+23:59', '2026-06-14T09:30:00+24:00', '2026-06-14T09:30:00-15:59'],
    ...['2026-06-14T09:30:00+15:59', '2026-06-14T09:30:00+02:60', '2026-06-14T09:30:00-00:00'],
    ...['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+15:59', '9999-12-31T23:59:59.9999999-15:59'],
    ...[
      '1714-10-19T08:00:00Z',
      '1714-10-19T07:59:59Z',
      '2285-03-14T15:59:59.999999Z',
      '2285-03-14T16:00:01Z',
    ],
    ...[
      '2026-06-14T09:30:00.0000005Z',
      '2026-06-14T09:30:00.0000015Z',
      '2026-06-14T09:30:59.9999996Z',
    ],
    ...[
      '2026-06-14T09:30:00.1234567890123456789Z',
      '2026-06-14T09:30:00.1234567+01:00',
      '1999-12-31T23:59:59.9999999Z',
    ],
    ...[
      '2026-06-14T09:30:00ZZ',
      '2026-06-14T09:30:00Z ',
      '2026-06-14T09:30:00.5',
      '2026-06-14T09:30:00.500000Z',
    ],
    ...['now', 'infinity', 'epoch', '2026-06-14', '1760000000', '1760000000000'],
  ],
  day: [
    ...[
      '2026-02-29',
      '2024-02-29',
      '2024-02-30',
      '1900-02-29',
      '2000-02-29',
      '2100-02-29',
      '2026-06-31',
    ],
    ...[
      '0000-01-01',
      '0001-01-01',
      '9999-12-31',
      '10000-01-01',
      '2026-1-1',
      '2026-13-01',
      '2026-00-10',
    ],
    ...[
      '2026-06-00',
      '20260614',
      '2026/06/14',
      '2026-06/14',
      '2026-06-14 ',
      '2026-06-14\n',
      '14.06.2026',
    ],
    ...[
      '02026-06-14',
      '-2026-06-14',
      '2026-06-14T00:00:00Z',
      'today',
      'infinity',
      '2026-06',
      '٢٠٢٦-٠٦-١٤',
    ],
  ],
  month: [
    '2026-13',
    '2026-00',
    '2026-12',
    '0000-01',
    '2026-6',
    '2026/06',
    '202606',
    '2026-06-01',
    '2026-0६',
    'abcd-01',
  ],
  timeOfDay: [
    '24:00',
    '23:59',
    '23:59:60',
    '23:59:59',
    '00:00:00',
    '00:00:00.5',
    '7:30',
    '23:60',
    '12-30',
    '12:30:',
    '12:30:1',
    '12:30Z',
    '1230',
  ],
  flag: ['TRUE', 'True', 't', 'f', '1', '0', 'yes', 'no', 'truee', 'fals', 'falsetrue', 'tru\0'],
  code: ['DEU', 'de', ' DE', 'DE ', '\uFEFFDE', 'D', 'EURO', 'eur', 'attempts', 'x'.repeat(70)],
  text: [
    ...[
      ' ',
      '  a',
      'a\0b',
      '\0',
      '\uFFFD',
      'caf\uFFFD',
      '"',
      '""',
      'a"b',
      '=1+1',
      'a,b',
      'a\nb',
      'a\r\nb',
      '\r',
      '\n',
    ],
    ...[
      '\t',
      '\\',
      "'",
      '😀',
      '\u007F',
      '\u0080',
      '\u07FF',
      '\u0800',
      '\uFFFF',
      '\uFFFC',
      '\uFFFE',
      '\uD7FF\uE000',
    ],
    ...[
      '\u{10000}',
      '\u{10FFFF}',
      '\uFEFF',
      'x'.repeat(10_000),
      '€'.repeat(5000),
      '😀'.repeat(41),
      'é'.repeat(41),
    ],
    ...['null', 'NULL', '\\N', 'NaN'],
  ],
}

const kinds = Object.keys(edges) as Kind['is'][]

/** Latin-1, a cut sequence, a lone continuation, overlong forms, a surrogate, beyond Unicode. */
const notUtf8 = [
  'e9',
  '636166e9',
  'e282',
  '80',
  'c080',
  'c1bf',
  'e08080',
  'f0808080',
  'eda080',
  'f4908080',
  'ff',
  'f888808080',
]

const letters = [...'abcXYZ019_- .,;"\n\r\t\'\\äß€語😀']

function mutated(cell: string, random: Random): string {
  const at = below(random, cell.length + 1)
  const letter = random() < 0.3 ? '' : oneOf(random, letters)
  return cell.slice(0, at) + letter + cell.slice(at + below(random, 2))
}

function cellOf(kind: Kind, random: Random): string {
  switch (kind.is) {
    case 'text':
      return textOf(kind.max, random)
    case 'code':
      return oneOf(random, kind.values)
    case 'whole': {
      const digits = kind.type === 'int4' ? 9 : 15
      const sign = random() < 0.2 ? '-' : ''
      const zeros = random() < 0.02 ? '0' : ''
      return sign + zeros + String(below(random, 10 ** below(random, digits + 1)))
    }
    case 'instant':
      return `${dayOf(random)}T${timeOf(random)}${fractionOf(random, 6)}${offsetOf(random)}`
    case 'day':
      return dayOf(random)
    case 'month':
      return dayOf(random).slice(0, 7)
    case 'timeOfDay':
      return random() < 0.5 ? timeOf(random) : timeOf(random).slice(0, 5)
    case 'decimal': {
      const zeros = oneOf(random, ['', '', '0', '0000', '0000000000'])
      const whole =
        zeros +
        String(below(random, 10 ** below(random, 10))) +
        oneOf(random, ['', '', '0000', '00000000'])
      return (random() < 0.3 ? '-' : '') + whole + fractionOf(random, 16)
    }
    case 'flag':
      return random() < 0.5 ? 'true' : 'false'
  }
}

function textOf(max: number, random: Random): string {
  if (random() < 0.7)
    return Array.from({ length: 1 + below(random, Math.min(max, 12)) }, () =>
      oneOf(random, letters.slice(0, 12)),
    ).join('')
  const long = oneOf(random, ['x', 'é', '語', '😀', 'a"', 'ab\n'])
  const text = long.repeat(Math.floor(max / Array.from(long).length))
  return random() < 0.95 ? text : `${text}${oneOf(random, letters)}`
}

function dayOf(random: Random): string {
  const year = random() < 0.9 ? 2000 + below(random, 40) : 1 + below(random, 9999)
  if (random() < 0.05) return `${padded(year, 4)}-02-29`
  const day = new Date(0)
  day.setUTCFullYear(year, below(random, 12), 1 + below(random, 31))
  return day.getUTCFullYear() > 9999 ? '9999-12-31' : day.toISOString().slice(0, 10)
}

function timeOf(random: Random): string {
  return `${padded(below(random, 24), 2)}:${padded(below(random, 60), 2)}:${padded(below(random, 60), 2)}`
}

function fractionOf(random: Random, digits: number): string {
  if (random() < 0.5) return ''
  return `.${Array.from({ length: 1 + below(random, digits) }, () => below(random, 10)).join('')}`
}

function offsetOf(random: Random): string {
  if (random() < 0.6) return 'Z'
  return `${oneOf(random, ['+', '-'])}${padded(below(random, 16), 2)}:${padded(below(random, 60), 2)}`
}
