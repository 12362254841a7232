import {
  Bool,
  BufferType,
  Data,
  type DataType,
  type DateDay,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  makeData,
} from 'apache-arrow'

import { batchRows, Builder, bytesFor, type Validity } from './builder.ts'
import { Halves } from './halves.ts'

/** A column of numbers of at most 32 bits, or of floats: each a slot of a typed array. */
export class Slots<Type extends Int16 | Int32 | Float32 | Float64 | DateDay> extends Builder<Type> {
  readonly #values: Type['TArray']
  readonly #read: (bytes: Buffer, at: number) => number
  constructor(type: Type, values: Type['TArray'], read: (bytes: Buffer, at: number) => number) {
    super(type)
    this.#values = values
    this.#read = read
  }
  append(row: number, bytes: Buffer, at: number) {
    this.#values[row] = this.#read(bytes, at)
  }
  blank(row: number) {
    this.#values[row] = 0
  }
  make(length: number, validity: Validity) {
    return dataOf(this.type, length, this.#values.subarray(0, length), validity)
  }
}

/** A column of 64-bit integers; `put` reads one and sets it. */
export class Longs<Type extends DataType> extends Builder<Type> {
  readonly #values = new Halves()
  readonly #put: (values: Halves, row: number, bytes: Buffer, at: number) => void
  constructor(type: Type, put: (values: Halves, row: number, bytes: Buffer, at: number) => void) {
    super(type)
    this.#put = put
  }
  append(row: number, bytes: Buffer, at: number) {
    this.#put(this.#values, row, bytes, at)
  }
  blank(row: number) {
    this.#values.set(row, 0, 0)
  }
  make(length: number, validity: Validity) {
    return dataOf(this.type, length, this.#values.first(length), validity)
  }
}

function dataOf<Type extends DataType>(
  type: Type,
  length: number,
  values: Type['TArray'],
  { nullCount, nullBitmap }: Validity,
): Data<Type> {
  return new Data(type, 0, length, nullCount, {
    [BufferType.DATA]: values,
    ...(nullBitmap && { [BufferType.VALIDITY]: nullBitmap }),
  })
}

/** The integer as it stands. */
export function putLong(values: Halves, row: number, bytes: Buffer, at: number) {
  values.set(row, bytes.readInt32BE(at), bytes.readInt32BE(at + 4))
}

export const int2 = () =>
  new Slots(new Int16(), new Int16Array(batchRows), (bytes, at) => bytes.readInt16BE(at))
export const int4 = () =>
  new Slots(new Int32(), new Int32Array(batchRows), (bytes, at) => bytes.readInt32BE(at))
export const int8 = () => new Longs(new Int64(), putLong)
export const float4 = () =>
  new Slots(new Float32(), new Float32Array(batchRows), (bytes, at) => bytes.readFloatBE(at))
export const float8 = () =>
  new Slots(new Float64(), new Float64Array(batchRows), (bytes, at) => bytes.readDoubleBE(at))

/** bool. */
export class Flags extends Builder<Bool> {
  readonly #bits = new Uint8Array(batchRows / 8)
  constructor() {
    super(new Bool())
  }
  append(row: number, bytes: Buffer, at: number) {
    const bit = 1 << (row & 7)
    if (bytes[at]) this.#bits[row >> 3]! |= bit
    else this.#bits[row >> 3]! &= ~bit
  }
  blank(row: number) {
    this.#bits[row >> 3]! &= ~(1 << (row & 7))
  }
  make(length: number, validity: Validity) {
    const data = this.#bits.subarray(0, bytesFor(length))
    return makeData({ type: this.type, length, data, ...validity })
  }
}
