import {
  Bool,
  DateDay,
  DateMillisecond,
  Dictionary,
  Int16,
  Int32,
  Int64,
  LargeUtf8,
  type RecordBatch,
  RecordBatchReader,
  Table,
  tableToIPC,
  TimeMicrosecond,
  TimeMillisecond,
  TimeSecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint64,
  Uint8,
  Utf8,
  Utf8View,
  type Vector,
  vectorFromArray,
} from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

import { source } from '#kit/asset.ts'
import { count, text } from '#kit/columns.ts'
import { columns } from '#kit/table.ts'
import { sources } from '#pipelines/sources.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'

import { encode, asCsv, batchOf, micros, int64s, decimalsOf } from './arrow.ts'
import { cellFor, seeded } from './cells.ts'

/** The batch as it is, and as two slices that begin within a byte of a bitmap. */
const cuts = (batch: RecordBatch): [string, RecordBatch[]][] => [
  ['whole', [batch]],
  ['sliced', [batch.slice(0, 3), batch.slice(3, batch.numRows)]],
  [
    'sliced twice',
    [
      batch.slice(0, 1),
      batch.slice(1, batch.numRows).slice(0, 1),
      batch.slice(1, batch.numRows).slice(1),
    ],
  ],
]

describe('a column of any Arrow type is what the same text in CSV is', () => {
  const kinds = ['bank', null, 'wallet', '', 'bank']
  const instants = [
    '2026-10-14T09:30:00Z',
    '1969-12-31T23:59:59Z',
    null,
    '1700-01-01T00:00:00Z',
    '2000-01-01T00:00:00Z',
  ]
  const dates = instants.map((at) => (at === null ? null : new Date(at)))
  const days = ['2026-10-14', '1969-12-31', null, '0001-01-01', '9999-12-31']
  const dayNumbers = days.map((on) => (on === null ? null : Date.parse(on) / 86_400_000))
  const times = ['00:00:00', null, '23:59:59', '07:30:00', '12:00:00']
  const seconds = times.map((at) => (at === null ? null : Date.parse(`1970-01-01T${at}Z`) / 1000))
  const wholes = [0, -1, null, 1999, -2_147_483_647]
  const bigs = [0n, -1n, null, 9_007_199_254_740_991n, -9_007_199_254_740_991n]
  const decimals = ['12.50', '-0.01', null, '0.00', '123456789012345678.90']
  const unscaled = decimals.map((rate) => (rate === null ? null : BigInt(rate.replace('.', ''))))
  const flags = [true, null, false, true, false]
  const small = wholes.slice(0, 4)
  const asText = (values: readonly (string | number | bigint | boolean | null)[]) =>
    values.map((value) => String(value ?? ''))

  const types: [string, string, () => Vector, readonly string[]][] = [
    ['kind', 'Utf8', () => vectorFromArray(kinds, new Utf8()), asText(kinds)],
    ['kind', 'LargeUtf8', () => vectorFromArray(kinds, new LargeUtf8()), asText(kinds)],
    ['kind', 'Utf8View', () => viewsOf(kinds), asText(kinds)],
    [
      'kind',
      'Dictionary',
      () => vectorFromArray(kinds, new Dictionary(new Utf8(), new Int32())),
      asText(kinds),
    ],
    [
      'kind',
      'Dictionary of Int16',
      () => vectorFromArray(kinds, new Dictionary(new Utf8(), new Int16())),
      asText(kinds),
    ],
    ['at', 'Utf8', () => vectorFromArray(instants, new Utf8()), asText(instants)],
    [
      'at',
      'Timestamp of seconds',
      () => vectorFromArray(dates, new TimestampSecond('UTC')),
      asText(instants),
    ],
    [
      'at',
      'Timestamp of milliseconds',
      () => vectorFromArray(dates, new TimestampMillisecond('Europe/Berlin')),
      asText(instants),
    ],
    [
      'at',
      'Timestamp of microseconds',
      () =>
        int64s(
          new TimestampMicrosecond('UTC'),
          instants.map((at) => at && micros(at)),
        ),
      asText(instants),
    ],
    [
      'at',
      'Timestamp of nanoseconds',
      () =>
        int64s(
          new TimestampNanosecond('+02:00'),
          instants.map((at) => at && micros(at) * 1000n),
        ),
      asText(instants),
    ],
    [
      'on',
      'Date32',
      () =>
        vectorFromArray(
          days.map((on) => on && new Date(on)),
          new DateDay(),
        ),
      asText(days),
    ],
    [
      'on',
      'Date64',
      () =>
        int64s(
          new DateMillisecond(),
          dayNumbers.map((on) => (on === null ? null : BigInt(on) * 86_400_000n)),
        ),
      asText(days),
    ],
    ['opens', 'Time32 of seconds', () => vectorFromArray(seconds, new TimeSecond()), asText(times)],
    [
      'opens',
      'Time32 of milliseconds',
      () =>
        vectorFromArray(
          seconds.map((at) => (at === null ? null : at * 1000)),
          new TimeMillisecond(),
        ),
      asText(times),
    ],
    [
      'opens',
      'Time64 of microseconds',
      () =>
        int64s(
          new TimeMicrosecond(),
          seconds.map((at) => (at === null ? null : BigInt(at) * 1_000_000n)),
        ),
      asText(times),
    ],
    ['items', 'Int32', () => vectorFromArray(wholes, new Int32()), asText(wholes)],
    [
      'items',
      'Int64',
      () =>
        int64s(
          new Int64(),
          wholes.map((value) => (value === null ? null : BigInt(value))),
        ),
      asText(wholes),
    ],
    [
      'items',
      'Uint8',
      () => vectorFromArray([0, 1, null, 200, 255], new Uint8()),
      ['0', '1', '', '200', '255'],
    ],
    ['amount', 'Int16', () => vectorFromArray(small, new Int16()), asText(small)],
    ['amount', 'Int64', () => int64s(new Int64(), bigs), asText(bigs)],
    [
      'amount',
      'Uint64',
      () => int64s(new Uint64(), [5n, null, 9_007_199_254_740_991n]),
      ['5', '', '9007199254740991'],
    ],
    ['amount', 'Decimal128 without a fraction', () => decimalsOf(bigs, 0), asText(bigs)],
    ['rate', 'Utf8', () => vectorFromArray(decimals, new Utf8()), asText(decimals)],
    ['rate', 'Decimal128', () => decimalsOf(unscaled, 2), asText(decimals)],
    [
      'rate',
      'Decimal128 of many digits',
      () => decimalsOf([12_345_678_901_234_567_890_123n, -1n, 10n ** 15n], 15),
      ['12345678.901234567890123', '-0.000000000000001', '1.000000000000000'],
    ],
    [
      'rate',
      'Decimal128 with zeros beyond the sixteenth digit',
      () => decimalsOf([1_500_000_000_000_000_000n], 18),
      ['1.5000000000000000'],
    ],
    ['rate', 'Int64', () => int64s(new Int64(), bigs), asText(bigs)],
    ['is_open', 'Bool', () => vectorFromArray(flags, new Bool()), asText(flags)],
    ['is_open', 'Utf8', () => vectorFromArray(asText(flags), new Utf8()), asText(flags)],
  ]
  test.for(types)('%s as %s', ([name, , vector, cells]) => {
    const batch = batchOf({ [name]: vector() })
    const rows = cells.map((cell, i) => {
      const row = Object.fromEntries(batch.schema.fields.map((field) => [field.name, '']))
      return { ...row, id: `${i}`, [name]: cell }
    })
    const expected = asCsv(rows)
    expect(expected.rejected).toEqual([])
    for (const [cut, batches] of cuts(batch)) {
      const found = encode(batches)
      expect(found.rejected, cut).toEqual([])
      expect(found.tuples, cut).toEqual(expected.tuples)
      expect(found.keys, cut).toEqual(expected.keys)
      expect(found.encoder.position).toEqual({ offset: cells.length, line: cells.length })
    }
  })
})

function viewsOf(values: (string | null)[]): Vector {
  return vectorFromArray(values, new Utf8View())
}
test('a wide feed becomes several rows', () => {
  const rates = new Table({
    Date: vectorFromArray([new Date('2026-10-14'), null], new DateDay()),
    USD: decimalsOf([110n, 120n], 2),
    JPY: vectorFromArray(['160.5', 'N/A'], new Utf8()),
    GBP: vectorFromArray([null, null], new Utf8()),
  })
  const { tuples, rejected } = encode(rates.batches, rawFxRate)
  const expected = asCsv([{ Date: '2026-10-14', USD: '1.10', JPY: '160.5', GBP: '' }], rawFxRate)
  expect(tuples).toEqual(expected.tuples)
  expect(rejected).toMatchObject([
    { line: 2, raw: '{"Date":"","USD":"1.20","JPY":"N/A","GBP":""}' },
  ])
})

test('a column that only zod can judge proves nothing by its type', () => {
  const rawEven = source({
    name: 'raw.even',
    description: 'Even numbers.',
    contract: z.object({ id: text(40), items: count().refine((value) => value % 2 === 0) }),
    grain: ['id'],
    example: {},
  })
  const table = new Table({
    id: vectorFromArray(['a', 'b'], new Utf8()),
    items: vectorFromArray([2, 3], new Int32()),
  })
  const { tuples, rejected } = encode(table.batches, rawEven)
  expect([...tuples.keys()]).toEqual([1])
  expect(rejected).toMatchObject([{ line: 2, raw: '{"id":"b","items":3}' }])
})

test.for(sources.filter(({ reshape }) => !reshape).map((of) => [of.name, of] as const))(
  'made-up rows of %s: Arrow text is accepted where CSV is, and is the same tuple',
  async ([, of]) => {
    const random = seeded(20_261_123)
    const names = columns(of).map(({ name }) => name)
    const rows = Array.from({ length: 500 }, () => {
      const isGood = random() < 0.4
      const cell = (name: string) => cellFor(of.contract.shape[name] as z.ZodType, random, isGood)
      return Object.fromEntries(names.map((name) => [name, cell(name).toString()]))
    })
    const types = [
      () => new Utf8(),
      () => new LargeUtf8(),
      () => new Dictionary(new Utf8(), new Int32()),
    ]
    const table = new Table(
      Object.fromEntries(
        names.map((name, i) => [
          name,
          vectorFromArray(
            rows.map((row) => row[name] || null),
            types[i % 3]!(),
          ),
        ]),
      ),
    )
    const found = encode([...RecordBatchReader.from(tableToIPC(table))], of)
    const { tuples, lines } = asCsv(rows, of)
    for (const [i, row] of rows.entries())
      expect(found.tuples.get(i + 1), JSON.stringify(row)).toBe(tuples.get(lines[i]!))
    expect(found.tuples.size + found.rejected.length).toBe(rows.length)
    expect(found.tuples.size).toBeGreaterThan(100)
  },
)
