/** Text columns of Arrow: the bytes of a value are a slice, so no JavaScript string is made. */
import { type Data, DataType } from 'apache-arrow'
import { type Field, putNull, unproven } from '../fields/field.ts'
import { BrokenColumn, type ColumnReader, requireBytes } from './reader.ts'

/** Where a text lies. An instance is written over by each look-up. */
interface Slices {
  bytes: Uint8Array
  start: number
  end: number
  /** Looks up the text of a row. */
  find: (row: number) => void
}

/** Whether a type is text. */
export function isText(type: DataType): boolean {
  return (
    DataType.isUtf8(type) ||
    DataType.isLargeUtf8(type) ||
    DataType.isUtf8View(type) ||
    (DataType.isDictionary(type) && isText(type.dictionary))
  )
}

/** Text of any kind of column: the field judges its bytes. An empty one is null, as in CSV. */
export function textReader(data: Data, write: Field, isNullable: boolean): ColumnReader {
  const slices = slicesOf(data)
  return {
    write(row, out, at) {
      slices.find(row)
      const { bytes, start, end } = slices
      if (start === end) return isNullable ? putNull(out, at) : unproven
      return write(bytes, start, end, out, at)
    },
    value(row) {
      slices.find(row)
      const { bytes, start, end } = slices
      return start === end ? null : Buffer.from(bytes.subarray(start, end)).toString()
    },
  }
}

function slicesOf(data: Data): Slices {
  if (DataType.isDictionary(data.type)) return dictionarySlices(data)
  if (DataType.isUtf8View(data.type)) return viewSlices(data)
  return offsetSlices(data)
}

function offsetSlices(data: Data): Slices {
  const { values, valueOffsets, length } = data as Data & {
    values: Uint8Array
    valueOffsets: Int32Array | BigInt64Array
  }
  // Of a 64-bit offset the low word is enough: no batch of four gigabytes was read.
  const step = valueOffsets instanceof BigInt64Array ? 2 : 1
  requireBytes(valueOffsets, length === 0 ? 0 : 4 * step * (length + 1))
  const offsets = new Uint32Array(
    valueOffsets.buffer,
    valueOffsets.byteOffset,
    valueOffsets.byteLength / 4,
  )
  const slices: Slices = {
    bytes: values,
    start: 0,
    end: 0,
    find(row) {
      slices.start = offsets[step * row]!
      slices.end = offsets[step * (row + 1)]!
      if (slices.start > slices.end || slices.end > values.length) throw outside()
    },
  }
  return slices
}

const viewBytes = 16
const longestInline = 12

function viewSlices(data: Data): Slices {
  const views = data.values as Uint8Array
  requireBytes(views, viewBytes * data.length)
  const words = new DataView(views.buffer, views.byteOffset, views.byteLength)
  const slices: Slices = {
    bytes: views,
    start: 0,
    end: 0,
    find(row) {
      const view = viewBytes * row
      const length = words.getInt32(view, true)
      const isInline = length <= longestInline
      const bytes = isInline ? views : data.variadicBuffers[words.getInt32(view + 8, true)]
      if (!bytes || length < 0) throw outside()
      slices.bytes = bytes
      slices.start = isInline ? view + 4 : words.getInt32(view + 12, true)
      slices.end = slices.start + length
      if (slices.start < 0 || slices.end > bytes.length) throw outside()
    },
  }
  return slices
}

function dictionarySlices(data: Data): Slices {
  const parts = data.dictionary?.data ?? []
  const dictionaries = parts.map((part) => ({ part, slices: slicesOf(part as Data) }))
  const keys = data.values as Int32Array | BigInt64Array
  requireBytes(keys, keys.BYTES_PER_ELEMENT * data.length)
  const slices: Slices = {
    bytes: new Uint8Array(),
    start: 0,
    end: 0,
    find(row) {
      let key = Number(keys[row])
      for (const { part, slices: found } of dictionaries) {
        if (key >= part.length) {
          key -= part.length
          continue
        }
        if (key < 0) break
        if (!part.getValid(key)) {
          slices.start = slices.end = 0
          return
        }
        found.find(key)
        slices.bytes = found.bytes
        slices.start = found.start
        slices.end = found.end
        return
      }
      throw outside()
    },
  }
  return slices
}

const outside = () => new BrokenColumn('a text lies outside of its column')
