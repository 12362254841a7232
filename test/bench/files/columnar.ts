/** Made-up rows as typed columns: Arrow IPC files and Parquet, as polars or pandas would write them. */
import { writeFileSync } from 'node:fs'

import * as arrow from 'apache-arrow'
import { Compression, Table, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm/node'

import { type Column, columns } from '#kit/table.ts'

import type { MadeUp } from '../feeds/made-up.ts'
import { type Expected, makeRows, type Rows } from './rows.ts'

/** Both formats are made in memory. */
export const mostColumnarRows = 3_000_000
const rowsInBatch = 65_536

export function writeArrow(path: string, feed: MadeUp, wanted: Rows): Expected {
  const { batches, expected } = makeBatches(feed, wanted)
  writeFileSync(path, arrow.RecordBatchFileWriter.writeAll(batches).toUint8Array(true))
  return expected
}

export function writeParquetFile(path: string, feed: MadeUp, wanted: Rows): Expected {
  const { batches, expected } = makeBatches(feed, wanted)
  const ipc = arrow.RecordBatchStreamWriter.writeAll(batches).toUint8Array(true)
  // What pyarrow and polars write unless told otherwise.
  const properties = new WriterPropertiesBuilder().setCompression(Compression.SNAPPY).build()
  writeFileSync(path, writeParquet(Table.fromIPCStream(ipc), properties))
  return expected
}

function makeBatches(feed: MadeUp, wanted: Rows) {
  const all = columns(feed.source)
  const makers = all.map(columnMaker)
  const schema = new arrow.Schema(
    all.map(({ name }, place) => arrow.Field.new(name, makers[place]!.type, true)),
  )
  const batches: arrow.RecordBatch[] = []
  let cells: (string | null)[][] = all.map(() => [])
  const close = () => {
    const length = cells[0]!.length
    if (length === 0) return
    const children = makers.map(({ data }, place) => data(cells[place]!))
    const type = new arrow.Struct(schema.fields)
    batches.push(
      new arrow.RecordBatch(schema, arrow.makeData({ type, length, nullCount: 0, children })),
    )
    cells = all.map(() => [])
  }
  const expected = makeRows(feed, wanted, (row) => {
    for (const [place, cell] of row.entries()) cells[place]!.push(cell)
    if (cells[0]!.length === rowsInBatch) close()
  })
  close()
  return { batches, expected }
}

/** One column's Arrow type, and its values from text. What the type cannot hold becomes null. */
interface ColumnMaker {
  type: arrow.DataType
  data: (cells: (string | null)[]) => arrow.Data
}

function columnMaker({ name, type, codes }: Column): ColumnMaker {
  if (codes) return coded([...codes, 'chargd'])
  switch (type) {
    case 'text':
      return strings()
    case 'numeric':
      return decimals()
    case 'int4':
      return typed(new arrow.Int32(), Int32Array, whole)
    case 'int8':
      return typed(new arrow.Int64(), BigInt64Array, (cell) => {
        const value = whole(cell)
        return value === null ? null : BigInt(value)
      })
    case 'timestamptz':
      return typed(new arrow.TimestampMicrosecond('UTC'), BigInt64Array, (cell) => {
        const ms = Date.parse(cell)
        // JavaScript takes the 30th of February for the 2nd of March.
        const isReal = new Date(ms).toISOString().startsWith(cell.slice(0, 10))
        return isReal ? BigInt(ms) * 1000n : null
      })
    case 'date':
      return typed(new arrow.DateDay(), Int32Array, (cell) => Date.parse(cell) / 864e5)
    default:
      throw new Error(`${name} is ${type}, and test/bench/files/columnar.ts has no column for it.`)
  }
}

function whole(cell: string): number | null {
  return /^-?\d+$/.test(cell) ? Number(cell) : null
}

function typed<Value extends number | bigint>(
  type: arrow.DataType,
  Values: new (length: number) => { [place: number]: Value },
  read: (cell: string) => Value | null,
): ColumnMaker {
  return {
    type,
    data(cells) {
      const values = new Values(cells.length)
      const nulls = new Nulls(cells.length)
      for (const [place, cell] of cells.entries()) {
        const value = cell === null ? null : read(cell)
        if (value === null) nulls.add(place)
        else values[place] = value
      }
      return nulls.data(type, { data: values })
    },
  }
}

/** Money with two places, in 128 bits. */
function decimals(): ColumnMaker {
  const type = new arrow.Decimal(2, 18, 128)
  return {
    type,
    data(cells) {
      const values = new BigInt64Array(cells.length * 2)
      const nulls = new Nulls(cells.length)
      for (const [place, cell] of cells.entries()) {
        const found = cell === null ? null : /^(-?\d+)(?:\.(\d{1,2}))?$/.exec(cell)
        if (!found) {
          nulls.add(place)
          continue
        }
        const value = BigInt(found[1]! + (found[2] ?? '').padEnd(2, '0'))
        values[place * 2] = value
        values[place * 2 + 1] = value < 0n ? -1n : 0n
      }
      return nulls.data(type, { data: new Uint32Array(values.buffer) })
    },
  }
}

/** A closed list as a dictionary, as a categorical of pandas is. */
function coded(codes: readonly string[]): ColumnMaker {
  const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())
  const dictionary = arrow.vectorFromArray([...codes], new arrow.Utf8())
  const places = new Map(codes.map((code, place) => [code, place]))
  return {
    type,
    data(cells) {
      const indices = new Int32Array(cells.length)
      const nulls = new Nulls(cells.length)
      for (const [place, cell] of cells.entries()) {
        if (cell === null) nulls.add(place)
        else indices[place] = places.get(cell)!
      }
      return nulls.data(type, { data: indices, dictionary })
    },
  }
}

function strings(): ColumnMaker {
  const type = new arrow.Utf8()
  return {
    type,
    data(cells) {
      const valueOffsets = new Int32Array(cells.length + 1)
      const nulls = new Nulls(cells.length)
      let end = 0
      for (const [place, cell] of cells.entries()) {
        if (cell === null) nulls.add(place)
        else end += Buffer.byteLength(cell)
        valueOffsets[place + 1] = end
      }
      return nulls.data(type, { data: Buffer.from(cells.join('')), valueOffsets })
    },
  }
}

/** Which values of a column are absent: a bit each, 0 for absent. */
class Nulls {
  #bits: Uint8Array
  #length: number
  #count = 0

  constructor(length: number) {
    this.#length = length
    this.#bits = new Uint8Array(Math.ceil(length / 8)).fill(0xff)
  }

  add(place: number) {
    this.#count++
    this.#bits[place >> 3]! &= ~(1 << (place & 7))
  }

  data(type: arrow.DataType, buffers: object): arrow.Data {
    const nullBitmap = this.#count > 0 ? this.#bits : null
    const props = { type, length: this.#length, nullCount: this.#count, nullBitmap, ...buffers }
    // One overload a type, and this is any of them.
    return (arrow.makeData as (of: object) => arrow.Data)(props)
  }
}
