import type { Data, DataType } from 'apache-arrow'

/** Rows that a batch has at most. */
export const batchRows = 16_384

/**
 * Collects one column of a batch, from the binary values of COPY. Its buffers serve batch after
 * batch: what `finish` gives is good until the next batch begins.
 */
export abstract class Builder<Type extends DataType = DataType> {
  readonly type: Type
  protected nulls = 0
  protected readonly validity = new Uint8Array(batchRows / 8).fill(0xff)

  constructor(type: Type) {
    this.type = type
  }

  /** The value of a row: `length` bytes of `bytes` from `at`. */
  abstract append(row: number, bytes: Buffer, at: number, length: number): void

  /** A row without a value. */
  appendNull(row: number): void {
    this.validity[row >> 3]! &= ~(1 << (row & 7))
    this.nulls++
    this.blank(row)
  }

  /** The first `rows` rows as an Arrow column; the builder begins anew. */
  finish(rows: number): Data<Type> {
    const data = this.make(rows, {
      nullCount: this.nulls,
      nullBitmap: this.nulls > 0 ? this.validity.slice(0, bytesFor(rows)) : null,
    })
    if (this.nulls > 0) this.validity.fill(0xff)
    this.nulls = 0
    return data
  }

  /** Leaves nothing of an earlier batch where a value is missing. */
  protected abstract blank(row: number): void
  protected abstract make(rows: number, validity: Validity): Data<Type>
}

export interface Validity {
  nullCount: number
  nullBitmap: Uint8Array | null
}

/** A bit for each row, in whole words of 8 bytes as Arrow pads them. */
export function bytesFor(rows: number): number {
  return Math.ceil(rows / 64) * 8
}
