/**
 * The number of rows that a Parquet file says it has, from its last bytes: the footer, its length
 * and `PAR1`. The footer is a struct in Thrift's compact protocol, and the rows are its third field.
 */
export function rowsInFooter(end: Uint8Array): number {
  const bytes = Buffer.from(end.buffer, end.byteOffset, end.byteLength)
  const tail = bytes.length - 8
  const start = tail < 0 ? -1 : tail - bytes.readUInt32LE(tail)
  if (start < 0 || bytes.toString('latin1', tail + 4) !== 'PAR1')
    throw new Error('The Parquet file does not end with its footer, so it is not whole.')
  const thrift = new Thrift(bytes, start)
  for (const { field, type } of thrift.fields()) {
    if (field === 3) return Number(thrift.integer())
    thrift.skip(type)
  }
  throw new Error('The Parquet file does not say how many rows it has.')
}

/** Types of Thrift's compact protocol; 1 and 2 are true and false, 3 to 6 integers. */
const types = { byte: 3, widestInteger: 6, double: 7, binary: 8, list: 9, set: 10, struct: 12 }

class Thrift {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  /** The fields of a struct; the reader of each is to take or skip its value. */
  *fields(): Generator<{ field: number; type: number }> {
    let field = 0
    for (;;) {
      const head = this.#bytes.readUInt8(this.#at++)
      if (head === 0) return
      field = head >> 4 ? field + (head >> 4) : Number(this.integer())
      yield { field, type: head & 15 }
    }
  }

  integer(): bigint {
    const value = this.#varint()
    return (value >> 1n) ^ -(value & 1n)
  }

  skip(type: number) {
    if (type < types.byte) return
    if (type === types.byte) this.#at++
    else if (type <= types.widestInteger) this.#varint()
    else if (type === types.double) this.#at += 8
    else if (type === types.binary) this.#skipBinary()
    else if (type === types.list || type === types.set) this.#skipList()
    else if (type === types.struct) for (const field of this.fields()) this.skip(field.type)
    else throw new Error(`The Parquet file has a footer with a value of unknown type ${type}.`)
  }

  #skipBinary() {
    const length = Number(this.#varint())
    this.#at += length
  }

  #skipList() {
    const head = this.#bytes.readUInt8(this.#at++)
    const size = head >> 4 === 15 ? Number(this.#varint()) : head >> 4
    const type = head & 15
    // In a list a boolean takes a byte, in a struct it is in the type.
    if (type < types.byte) this.#at += size
    else for (let i = 0; i < size; i++) this.skip(type)
  }

  #varint(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes.readUInt8(this.#at++)
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
}
