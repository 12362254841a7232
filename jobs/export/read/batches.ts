import { Field, RecordBatch, Schema, Struct, makeData } from 'apache-arrow'
import { escapeIdentifier } from 'pg'

import type { Column } from '../column.ts'
import { typedSql } from '../kinds.ts'
import type { Session } from '../session.ts'
import { batchRows } from './builder.ts'
import { builderOf } from './builder-of.ts'

/** Rows in typed columns, at least one batch. A batch is good until the next is asked for. */
export interface Batches extends AsyncIterable<RecordBatch> {
  schema: Schema
}

/** What a batch holds at most of the server's output, so that wide rows take no more memory. */
const batchBytes = 4 * 2 ** 20

/** `PGCOPY\n\377\r\n\0`, flags, and the length of an extension that no server writes. */
const headLength = 19

/** Reads a relation by binary COPY into Arrow batches. At the end no row is missing, or it throws. */
export function readBatches(
  session: Session,
  {
    from,
    columns,
    about,
  }: { from: string; columns: readonly Column[]; about: Map<string, string> },
): Batches {
  const schema = new Schema(columns.map(fieldOf), about)
  const names = columns.map((column) => typedSql(column, `r.${escapeIdentifier(column.name)}`))
  const query = `select ${names.join(', ')} from ${from} as r`
  return {
    schema,
    async *[Symbol.asyncIterator]() {
      const decoder = new Decoder(columns, schema)
      const pieces = session.copy(query, 'format binary')
      let next = await pieces.next()
      for (; !next.done; next = await pieces.next()) yield* decoder.push(next.value)
      yield* decoder.end(next.value.rows)
    },
  }
}

function fieldOf(column: Column): Field {
  const { name, description, unit, nullable } = column
  const about = Object.entries({ description, unit }).filter((entry) => entry[1] !== null)
  return new Field(name, builderOf(column).type, nullable, new Map(about as [string, string][]))
}

/** Cuts the pieces of a binary COPY, which end anywhere, into rows. */
class Decoder {
  readonly #schema: Schema
  readonly #builders
  /** What has arrived and is not taken: at most the beginning of a row between two pieces. */
  #bytes: Buffer = Buffer.allocUnsafeSlow(2 ** 18)
  #end = 0
  #isBegun = false
  #isEnded = false
  #rows = 0
  #size = 0
  #total = 0

  constructor(columns: readonly Column[], schema: Schema) {
    this.#schema = schema
    this.#builders = columns.map(builderOf)
  }

  *push(piece: Buffer): Generator<RecordBatch> {
    this.#add(piece)
    let at = 0
    if (!this.#isBegun) {
      if (this.#end < headLength) return
      at = headLength
      this.#isBegun = true
    }
    while (!this.#isEnded) {
      const end = endOfRow(this.#bytes, at, this.#end)
      if (end === 0) break
      if (this.#bytes.readInt16BE(at) === -1) this.#isEnded = true
      else this.#take(this.#bytes, at)
      this.#size += end - at
      at = end
      if (this.#rows === batchRows || this.#size >= batchBytes) yield this.#batch()
    }
    this.#bytes.copyWithin(0, at, this.#end)
    this.#end -= at
  }

  *end(rows: number): Generator<RecordBatch> {
    const arrived = this.#total + this.#rows
    if (!this.#isEnded || arrived !== rows)
      throw new Error(`The server sent ${rows} rows and ${arrived} arrived. Export again.`)
    // Also a table without rows is a batch: its writer learns the columns from it.
    if (this.#rows > 0 || rows === 0) yield this.#batch()
  }

  #add(piece: Buffer) {
    const end = this.#end + piece.length
    if (end > this.#bytes.length) {
      const wider = Buffer.allocUnsafeSlow(2 * end)
      this.#bytes.copy(wider, 0, 0, this.#end)
      this.#bytes = wider
    }
    piece.copy(this.#bytes, this.#end)
    this.#end = end
  }

  #take(bytes: Buffer, at: number) {
    const row = this.#rows++
    at += 2
    for (const builder of this.#builders) {
      const length = bytes.readInt32BE(at)
      at += 4
      if (length < 0) builder.appendNull(row)
      else {
        builder.append(row, bytes, at, length)
        at += length
      }
    }
  }

  #batch(): RecordBatch {
    const length = this.#rows
    const children = this.#builders.map((builder) => builder.finish(length))
    const type = new Struct(this.#schema.fields)
    this.#total += length
    this.#rows = 0
    this.#size = 0
    return new RecordBatch(this.#schema, makeData({ type, length, nullCount: 0, children }))
  }
}

/** Where the row at a place ends, or 0 when its end has not arrived. */
function endOfRow(bytes: Buffer, at: number, arrived: number): number {
  if (at + 2 > arrived) return 0
  const fields = bytes.readInt16BE(at)
  at += 2
  for (let field = 0; field < fields; field++) {
    if (at + 4 > arrived) return 0
    const length = bytes.readInt32BE(at)
    at += length < 0 ? 4 : 4 + length
  }
  return at <= arrived ? at : 0
}
