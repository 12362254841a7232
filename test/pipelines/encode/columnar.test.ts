import {
  Bool,
  type Data,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  Field,
  Float64,
  Int16,
  Int32,
  Int64,
  LargeUtf8,
  makeData,
  Null,
  RecordBatch,
  RecordBatchReader,
  Schema,
  Struct,
  Table,
  tableFromIPC,
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

import { source, type Source } from '#kit/asset.ts'
import { code, count, day, decimal, flag, instant, minor, text, timeOfDay } from '#kit/columns.ts'
import { columnarEncoder } from '#kit/encode/columnar.ts'
import { csvEncoder } from '#kit/encode/csv.ts'
import { ndjsonEncoder } from '#kit/encode/ndjson.ts'
import { columns } from '#kit/table.ts'
import { sources } from '#pipelines/sources.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'

import { cellFor, seeded } from './cells.ts'
import { collect } from './collect.ts'

/** A column of each kind that may be null, after the key. */
const rawKinds = source({
  name: 'raw.kinds',
  description: 'A column of each kind.',
  contract: z.object({
    id: text(40),
    kind: code(['bank', 'wallet']).nullable(),
    at: instant().nullable(),
    on: day().nullable(),
    opens: timeOfDay().nullable(),
    items: count().nullable(),
    amount: minor().nullable(),
    rate: decimal().nullable(),
    is_open: flag().nullable(),
  }),
  grain: ['id'],
  example: {},
})

/** What batches become. */
function encode(batches: readonly RecordBatch[], of: Source = rawKinds, from = 0) {
  const sink = collect()
  const names = batches[0]!.schema.fields.map(({ name }) => name)
  const encoder = columnarEncoder(of, { format: 'arrow', names }, sink, {
    file: 'file.arrow',
    loadId: 7,
    from: { offset: from, line: from },
  })
  for (const batch of batches) encoder.push(batch)
  encoder.end()
  return { ...sink, encoder }
}

/** What CSV of the same cells becomes, the header being line 0. */
function asCsv(rows: Record<string, string>[], of: Source = rawKinds) {
  const sink = collect()
  const names = Object.keys(rows[0]!)
  const encoder = csvEncoder(of, { format: 'csv', delimiter: ',', names }, sink, {
    file: 'file.csv',
    loadId: 7,
    from: { offset: 0, line: 0 },
  })
  const quoted = (value: string) => (value === '' ? '' : `"${value.replaceAll('"', '""')}"`)
  const lines = rows.map((row) => {
    const line = encoder.position.line + 1
    encoder.push(Buffer.from(`${Object.values(row).map(quoted).join(',')}\n`))
    return line
  })
  encoder.end()
  return { ...sink, lines }
}

/** A batch with ids 0, 1, ... and other columns; null where nothing is said. */
function batchOf(values: Record<string, Vector>): RecordBatch {
  const [first] = Object.values(values)
  const ids = Array.from({ length: first!.length }, (_, i) => `${i}`)
  const others = columns(rawKinds).filter(({ name }) => name !== 'id' && !(name in values))
  const missing = others.map(({ name }) => [
    name,
    vectorFromArray(
      ids.map(() => null),
      new Null(),
    ),
  ])
  const all = { id: vectorFromArray(ids, new Utf8()), ...values, ...Object.fromEntries(missing) }
  const table = new Table(all as Record<string, Vector>)
  return tableFromIPC(tableToIPC(table)).batches[0]!
}

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

const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n

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
  const asText = (values: readonly unknown[]) => values.map((value) => String(value ?? ''))

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

/** A column of 64-bit integers as they are. */
function int64s(type: DataType, values: (bigint | null | '')[]): Vector {
  const data = BigInt64Array.from(values, (value) => BigInt.asIntN(64, value || 0n))
  return vectorOf(type, data, values)
}

function decimalsOf(values: (bigint | null)[], scale: number): Vector {
  const words = values.flatMap((value) =>
    [0n, 32n, 64n, 96n].map((shift) => Number(BigInt.asUintN(32, (value ?? 0n) >> shift))),
  )
  return vectorOf(new Decimal(scale, 38, 128), Uint32Array.from(words), values)
}

function vectorOf(type: DataType, data: ArrayBufferView, values: readonly unknown[]): Vector {
  const nullBitmap = new Uint8Array(8)
  for (const [i, value] of values.entries())
    if (value !== null && value !== '') nullBitmap[i >> 3]! |= 1 << (i & 7)
  const nullCount = values.filter((value) => value === null || value === '').length
  const made = makeData({ type, data, nullBitmap, nullCount, length: values.length } as never)
  return vectorFromData(made as Data)
}

const vectorFromData = (data: Data) => {
  const field = new Field('column', data.type as DataType, true)
  const parent = makeData({
    type: new Struct([field]),
    length: data.length,
    nullCount: 0,
    children: [data],
  })
  return new RecordBatch(new Schema([field]), parent as never).getChildAt(0)!
}

function viewsOf(values: (string | null)[]): Vector {
  return vectorFromArray(values, new Utf8View())
}

describe('a row that breaks the contract is set aside as a JSON object, which NDJSON judges alike', () => {
  const rows: [string, () => Record<string, Vector>, string][] = [
    [
      'an unknown code',
      () => ({ kind: vectorFromArray(['bnpl'], new Utf8()) }),
      'kind: found "bnpl", expected one of',
    ],
    [
      'an integer beyond a count',
      () => ({ items: int64s(new Int64(), [2_147_483_648n]) }),
      'items: found 2147483648',
    ],
    [
      'an integer that no double holds',
      () => ({ amount: int64s(new Int64(), [9_007_199_254_740_993n]) }),
      'amount: found "9007199254740993"',
    ],
    [
      'a large unsigned integer',
      () => ({ amount: int64s(new Uint64(), [-1n]) }),
      'amount: found "18446744073709551615"',
    ],
    [
      'a fraction for a whole number',
      () => ({ amount: decimalsOf([550n], 2) }),
      'amount: found "5.50"',
    ],
    [
      'a decimal of too many digits',
      () => ({ rate: decimalsOf([1n], 17) }),
      'rate: found "0.00000000000000001"',
    ],
    [
      'a day beyond the year 9999',
      () => ({ on: vectorFromArray([new Date(253_402_300_800_000)], new DateDay()) }),
      'on: found "+010000-01-01"',
    ],
    [
      'a day that is not whole',
      () => ({ on: int64s(new DateMillisecond(), [1n]) }),
      'days from 1970", expected a day',
    ],
    [
      'a time of 24 hours',
      () => ({ opens: vectorFromArray([86_400], new TimeSecond()) }),
      'opens: found "86400 seconds"',
    ],
    [
      'a time with a fraction',
      () => ({ opens: vectorFromArray([1500], new TimeMillisecond()) }),
      'opens: found "00:00:01.5"',
    ],
    [
      'an instant beyond the year 9999',
      () => ({ at: int64s(new TimestampSecond('UTC'), [253_402_300_800n]) }),
      'at: found "+010000-01-01T00:00:00Z"',
    ],
    ['text that is not UTF-8', () => ({ kind: notUtf8() }), 'kind: found "caf\uFFFD"'],
  ]
  test.for(rows)('%s', ([, values, reason]) => {
    const { rejected, tuples } = encode([batchOf(values())])
    expect(tuples.size).toBe(0)
    expect(rejected).toMatchObject([{ line: 1, reason: expect.stringContaining(reason) }])
    const { raw } = rejected[0]!
    const again = collect()
    const names = Object.keys(JSON.parse(raw) as object)
    const encoder = ndjsonEncoder(rawKinds, { format: 'ndjson', names }, again, {
      file: 'f',
      loadId: 7,
    })
    encoder.push(Buffer.from(raw))
    encoder.end()
    expect(again.rejected).toMatchObject([{ reason: expect.stringContaining(reason) }])
  })

  test('a key that is null or empty', () => {
    const batch = batchOf({ items: vectorFromArray([1, 2, 3], new Int32()) })
    const id = vectorFromArray([null, '', 'c'], new Utf8())
    const table = new Table({
      ...Object.fromEntries(batch.schema.fields.map(({ name }, i) => [name, batch.getChildAt(i)!])),
      id,
    })
    const { rejected, tuples } = encode(table.batches)
    expect(rejected.map(({ line, reason }) => [line, reason])).toEqual([
      [1, 'id: found nothing, expected UTF-8 text of at most 40 characters.'],
      [2, 'id: found nothing, expected UTF-8 text of at most 40 characters.'],
    ])
    expect([...tuples.keys()]).toEqual([3])
  })

  test('an instant between two microseconds is rounded as Postgres does', () => {
    const nanos = [1_500n, 2_500n, 1n, 999_999_999n].map(
      (value) => micros('2026-10-14T09:30:00Z') * 1000n + value,
    )
    const { tuples, rejected } = encode([
      batchOf({ at: int64s(new TimestampNanosecond('UTC'), nanos) }),
    ])
    expect(rejected).toEqual([])
    const fractions = ['000002', '000002', '000000'].map(
      (digits) => `2026-10-14T09:30:00.${digits}Z`,
    )
    const names = columns(rawKinds).map(({ name }) => name)
    const order = ['id', 'at', ...names.filter((name) => name !== 'id' && name !== 'at')]
    const expected = asCsv(
      [...fractions, '2026-10-14T09:30:01Z'].map((at, i) => ({
        ...Object.fromEntries(order.map((name) => [name, ''])),
        id: `${i}`,
        at,
      })),
    )
    expect(tuples).toEqual(expected.tuples)
  })
})

function notUtf8(): Vector {
  const data = makeData({
    type: new Utf8(),
    data: Buffer.from('caf\xe9', 'latin1'),
    valueOffsets: Int32Array.of(0, 4),
    length: 1,
    nullCount: 0,
  })
  return vectorFromData(data as Data)
}

describe('a file with a column that cannot be read exactly is refused with what to do', () => {
  const refusals: [string, () => Record<string, Vector>, string][] = [
    [
      'floats',
      () => ({ amount: vectorFromArray([5], new Float64()) }),
      'the column amount is Float64, and a float is not exact; expected an Int of any width, Decimal128 without a fraction or Utf8.',
    ],
    [
      'instants without a zone',
      () => ({ at: vectorFromArray([new Date(0)], new TimestampMillisecond()) }),
      'the column at is Timestamp<MILLISECOND>, a time without a zone; expected Timestamp with a time zone or Utf8.',
    ],
    [
      'numbers for a code',
      () => ({ kind: vectorFromArray([5], new Int32()) }),
      'the column kind is Int32; expected Utf8.',
    ],
    [
      'a timestamp for a day',
      () => ({ on: vectorFromArray([new Date(0)], new TimestampMillisecond('UTC')) }),
      'the column on is Timestamp<MILLISECOND, UTC>; expected Date32, Date64 or Utf8.',
    ],
  ]
  test.for(refusals)('%s', ([, values, sentence]) => {
    const refused = () => encode([batchOf(values())])
    expect(refused).toThrow(sentence)
    expect(refused).toThrow(/^file\.arrow: .* npx recoup contracts kinds$/)
  })
})

describe('a batch whose buffers do not hold what they say is damage, and never read beyond', () => {
  const made = (type: DataType, buffers: object) =>
    vectorFromData(makeData({ type, length: 2, nullCount: 0, ...buffers } as never) as Data)
  const broken: [string, () => Record<string, Vector>][] = [
    [
      'offsets beyond the text',
      () => ({
        kind: made(new Utf8(), {
          data: Buffer.from('bank'),
          valueOffsets: Int32Array.of(0, 4, 400),
        }),
      }),
    ],
    [
      'offsets that go back',
      () => ({
        kind: made(new Utf8(), {
          data: Buffer.from('bank'),
          valueOffsets: Int32Array.of(0, 4, 2),
        }),
      }),
    ],
    ['too few integers', () => ({ items: made(new Int32(), { data: Int32Array.of(1) }) })],
    [
      'too few long integers',
      () => ({ amount: made(new Int64(), { data: BigInt64Array.of(1n) }) }),
    ],
    [
      'too few decimals',
      () => ({ rate: made(new Decimal(2, 38, 128), { data: Uint32Array.of(1, 0, 0, 0) }) }),
    ],
  ]
  test.for(broken)('%s', ([, values]) => {
    const [[name, vector]] = Object.entries(values()) as [[string, Vector]]
    const others = columns(rawKinds).filter((column) => column.name !== name)
    const table = new Table(
      Object.fromEntries(
        others.map((column) => [column.name, vectorFromArray(['1', '2'], new Utf8())]),
      ),
    )
    const fields = [...table.schema.fields, new Field(name, vector.type as DataType, true)]
    const children = [...table.batches[0]!.data.children, vector.data[0]!]
    const parent = makeData({
      type: new Struct(fields),
      length: 2,
      nullCount: 0,
      children: children as never,
    })
    const batch = new RecordBatch(new Schema(fields), parent as never)
    expect(() => encode([batch])).toThrow(
      /^file\.arrow: the file is damaged \(a (column is shorter|text lies outside).*\); \d rows could be read/,
    )
  })
})

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
    const found = encode([...(await RecordBatchReader.from(tableToIPC(table)))], of)
    const { tuples, lines } = asCsv(rows, of)
    for (const [i, row] of rows.entries())
      expect(found.tuples.get(i + 1), JSON.stringify(row)).toBe(tuples.get(lines[i]!))
    expect(found.tuples.size + found.rejected.length).toBe(rows.length)
    expect(found.tuples.size).toBeGreaterThan(100)
  },
)
