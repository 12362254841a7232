import {
  type Data,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Field,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimeMillisecond,
  TimeSecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint64,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow'
import { describe, expect, test } from 'vitest'

import { ndjsonEncoder } from '#kit/encode/ndjson.ts'
import { columns } from '#kit/table.ts'

import {
  rawKinds,
  encode,
  asCsv,
  batchOf,
  micros,
  int64s,
  decimalsOf,
  vectorFromData,
} from './arrow.ts'
import { collect } from './collect.ts'

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
