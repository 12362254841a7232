/** Arrow record batches, also those that Parquet becomes, to tuples. */
import type { Data, DataType, RecordBatch, Schema } from 'apache-arrow'
import type { Source } from '../asset.ts'
import { feedError } from '../read/feed-error.ts'
import { DamagedFile } from '../read/damaged.ts'
import { feedName } from '../read/header.ts'
import { columns } from '../table.ts'
import { batchColumn, type BatchColumn, readerFor } from './arrow/column.ts'
import { BrokenColumn, type ColumnReader } from './arrow/reader.ts'
import type { EncoderOptions } from './csv.ts'
import type { Encoder, Layout, Position, Sink } from './encoder.ts'
import { unproven } from './fields/field.ts'
import { type Raw, type RowField, Rows } from './rows.ts'

/**
 * An encoder of one Arrow or Parquet file of a feed. The line of a row is its number, from 1. A row
 * set aside is kept as a JSON object, so that it can be mended and judged again as NDJSON.
 */
export function columnarEncoder(
  source: Source,
  layout: Layout & { format: 'arrow' | 'parquet' },
  sink: Sink,
  { file, loadId, from = { offset: 0, line: 0 } }: EncoderOptions,
): Encoder<RecordBatch> {
  return new ColumnarEncoder(source, layout.names, sink, { file, loadId, from })
}

/** Of a wide file, whose columns are none of the contract, zod judges what they become. */
const wideField = { kind: undefined, write: () => unproven, nullable: true }

/** A column of the file that is read. */
interface FileColumn {
  name: string
  /** Where it stands in a batch. */
  index: number
  isNullable: boolean
  readerOf: (data: Data) => ColumnReader
}

class ColumnarEncoder implements Encoder<RecordBatch> {
  readonly columns: readonly string[]
  #row: number
  readonly #source: Source
  readonly #file: string
  readonly #names: readonly string[]
  readonly #rows: Rows
  /** The columns of a tuple, or all those of a wide file. */
  readonly #read: readonly string[]
  #inFile: readonly FileColumn[] = []
  #schema: Schema | null = null

  constructor(
    source: Source,
    names: readonly string[],
    sink: Sink,
    { file, loadId, from }: Required<EncoderOptions>,
  ) {
    const known = columns(source).map(({ name }) => name)
    const order = source.reshape ? known : names.filter((name) => known.includes(name))
    this.#row = from.line
    this.#source = source
    this.#file = file
    this.#names = names
    this.#rows = new Rows(source, order, sink, loadId)
    this.#read = source.reshape ? names : order
    this.columns = this.#rows.tuples.columns
  }

  get position(): Position {
    return { offset: this.#row, line: this.#row }
  }

  push(batch: RecordBatch) {
    if (this.#schema !== batch.schema) this.#inFile = this.#columnsIn(batch.schema)
    this.#schema = batch.schema
    try {
      this.#take(batch)
    } catch (error) {
      if (!(error instanceof BrokenColumn)) throw error
      const read = `${this.#row.toLocaleString('en')} rows could be read before the damage`
      throw new DamagedFile(this.#file, `the file is damaged (${error.message}); ${read}`, error)
    } finally {
      this.#rows.tuples.flush()
    }
  }

  end() {}

  #take(batch: RecordBatch) {
    const bound = this.#inFile.map(({ index, readerOf, isNullable }) =>
      batchColumn(batch.data.children[index] as Data, readerOf, isNullable),
    )
    const fields = this.#source.reshape ? [] : bound.map(({ write }): RowField => write)
    for (let row = 0; row < batch.numRows; row++) {
      if (!this.#rows.acceptsRow(fields, row, this.#row + 1)) this.#judge(bound, row)
      this.#row++
    }
  }

  #judge(bound: readonly BatchColumn[], row: number) {
    const { reshape } = this.#source
    const record: Raw = {}
    for (const [i, { name }] of this.#inFile.entries()) {
      const value = bound[i]!.value(row)
      record[name] = reshape ? String(value ?? '') : value
    }
    this.#rows.judge(record, this.#row + 1, () => JSON.stringify(record))
  }

  /** How each column is read. Refuses the file when one has a type that cannot be read exactly. */
  #columnsIn({ fields }: Schema): FileColumn[] {
    const refusals: string[] = []
    const inFile = this.#read.flatMap((name, i) => {
      const index = this.#names.indexOf(name)
      const type = fields[index]!.type as DataType
      const field = this.#source.reshape ? wideField : this.#rows.fields[i]!
      const readerOf = readerFor(name, type, field)
      if (typeof readerOf !== 'string')
        return [{ name, index, isNullable: field.nullable, readerOf }]
      refusals.push(readerOf)
      return []
    })
    if (refusals.length > 0)
      throw feedError(feedName(this.#source), this.#file, refusals.join(' And '))
    return inFile
  }
}
