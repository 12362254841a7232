import {
  type Data,
  type DataType,
  Decimal,
  Field,
  makeData,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow'
import * as z from 'zod'

import { source, type Source } from '#kit/asset.ts'
import { code, count, day, decimal, flag, instant, minor, text, timeOfDay } from '#kit/columns.ts'
import { columnarEncoder } from '#kit/encode/columnar.ts'
import { csvEncoder } from '#kit/encode/csv.ts'
import { columns } from '#kit/table.ts'

import { collect } from './collect.ts'

/** A column of each kind that may be null, after the key. */
export const rawKinds = source({
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
export function encode(batches: readonly RecordBatch[], of: Source = rawKinds, from = 0) {
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
export function asCsv(rows: Record<string, string>[], of: Source = rawKinds) {
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
export function batchOf(values: Record<string, Vector>): RecordBatch {
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
export const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n

/** A column of 64-bit integers as they are. */
export function int64s(type: DataType, values: (bigint | null | '')[]): Vector {
  const data = BigInt64Array.from(values, (value) => BigInt.asIntN(64, value || 0n))
  return vectorOf(type, data, values)
}

export function decimalsOf(values: (bigint | null)[], scale: number): Vector {
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

export const vectorFromData = (data: Data) => {
  const field = new Field('column', data.type, true)
  const parent = makeData({
    type: new Struct([field]),
    length: data.length,
    nullCount: 0,
    children: [data],
  })
  return new RecordBatch(new Schema([field]), parent as never).getChildAt(0)!
}
