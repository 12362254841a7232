/**
 * From the pieces of a file to binary COPY tuples. An encoder judges each record by the contract and
 * writes it as Postgres will store it; the sink decides where the tuple goes. Neither waits: who
 * drives them reads a piece, pushes it, and lets the sink write between two pieces.
 */
import type { Reason } from './reasons.ts'

/** How a file is laid out, known from its beginning; kept in the ledger to go on and to replay. */
export type Layout =
  | { format: 'csv'; delimiter: string; names: string[] }
  | { format: 'ndjson'; names: string[] }
  | { format: 'arrow' | 'parquet'; names: string[] }

/** How far a file was read. A load that was stopped goes on from here. */
export interface Position {
  /** Unpacked bytes of a text, rows of a columnar file: the end of the last whole record. */
  offset: number
  /** Line of the last whole record as an editor counts it, or its row in a columnar file. */
  line: number
}

/** Takes a file's pieces, cut anywhere, and tells the sink what they hold. */
export interface Encoder<Piece> {
  /** The columns of a tuple in order: the contract's as the file has them, then load_id and line. */
  readonly columns: readonly string[]
  readonly position: Position
  push(piece: Piece): void
  /** The file is at its end: what is left is its last record. */
  end(): void
}

/** Where rows go once they are judged. */
export interface Sink {
  /** A buffer to write tuples into, given back by `direct`. */
  room(): Buffer
  /** Whether the key, a 64-bit hash in two halves, is certainly in no table and no earlier row. It is known from now on. */
  isNew(high: number, low: number): boolean
  /** Tuples with new keys, whole, in a buffer that `room` gave. It is the sink's again. */
  direct(tuples: Buffer, rows: number): void
  /** One tuple whose key is perhaps known. Copied before the call returns. */
  staged(tuple: Uint8Array, high: number, low: number): void
  /** A record of which at least one row breaks the contract. `rows` is how many do. */
  reject(line: number, raw: string, rows: number, reasons: Reason[]): void
}
