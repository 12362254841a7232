/** What the readers of Arrow and of Parquet have in common: record batches, counted and cut in rows. */
import type { RecordBatch, Schema } from 'apache-arrow'
import type { Source } from '../asset.ts'
import type { Layout, Position } from '../encode/encoder.ts'
import { FeedError } from './feed-error.ts'
import { damaged } from './damaged.ts'
import type { FeedFile } from './feed-file.ts'
import { checkNames, ignoredColumns, requiredColumns } from './header.ts'
import type { Packing } from './unpacked.ts'

/** A columnar file, ready to be read. */
export interface ColumnarFeed {
  layout: { format: 'arrow' | 'parquet'; names: string[] }
  start: Position
  ignored: string[]
  pieces: AsyncIterable<RecordBatch>
}

/** How a columnar file is opened. */
export interface ColumnarOptions {
  packing: Packing
  resume?: { from: Position; layout: Layout } | undefined
  onRead?: ((bytes: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/** Rows of a piece: small enough to commit between two, large enough that a piece costs nothing. */
export const pieceRows = 16_384

/** Checks the columns of a columnar file against the feed's. */
export function columnarLayout(
  source: Source,
  file: FeedFile,
  format: 'arrow' | 'parquet',
  { fields }: Pick<Schema, 'fields'>,
): Pick<ColumnarFeed, 'layout' | 'ignored'> {
  const names = fields.map(({ name }) => name)
  checkNames(source, file.name, names, requiredColumns(source), 'its schema')
  return { layout: { format, names }, ignored: ignoredColumns(source, names) }
}

/** Batches in pieces of few rows, those up to `from` left out. */
export async function* inPieces(
  batches: AsyncIterable<RecordBatch>,
  from: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<RecordBatch> {
  let passed = 0
  for await (const batch of batches) {
    const begin = Math.max(0, from - passed)
    passed += batch.numRows
    for (let at = begin; at < batch.numRows; at += pieceRows) {
      signal?.throwIfAborted()
      const end = Math.min(at + pieceRows, batch.numRows)
      yield at === 0 && end === batch.numRows ? batch : batch.slice(at, end)
    }
  }
}

/** Batches of a library that reads `kind`, whatever fails in it told as damage of the file. */
export async function* undamaged(
  file: FeedFile,
  kind: string,
  batches: AsyncIterable<RecordBatch>,
  skippedRows = 0,
): AsyncGenerator<RecordBatch> {
  let rows = skippedRows
  try {
    for await (const batch of batches) {
      yield batch
      rows += batch.numRows
    }
  } catch (cause) {
    throw asDamage(file, kind, rows, cause)
  }
}

/** A failure of a library that reads `kind`, as what it says about the file. */
export function asDamage(file: FeedFile, kind: string, rows: number, cause: unknown): unknown {
  const isOfSystem = typeof (cause as NodeJS.ErrnoException)?.errno === 'number'
  if (cause instanceof FeedError || isOfSystem) return cause
  return damaged(file, kind, `${rows.toLocaleString('en')} rows`, cause)
}
