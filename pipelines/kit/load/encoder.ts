/**
 * From the bytes of a file to judged rows. This is the plain way: text, records, the contract
 * compiled by zod. A compiler from a contract to a scanner of bytes would be another `Encoder`.
 */
import type { Reason } from './reasons.ts'

/** Takes a file's bytes in pieces cut anywhere and tells the sink what they hold. */
export interface Encoder {
  push(bytes: Buffer): void
  end(): void
  /** Columns of the file that the contract does not know. */
  ignored: string[]
}

/** Where rows go once they are judged. */
export interface Sink {
  /** A row that keeps the contract: its cells as COPY text without the line's end, and the hash of its key. */
  accept(cells: string, key: number, line: number): void
  /** A line of which at least one row breaks the contract. */
  reject(line: number, raw: string, rows: number, reasons: Reason[]): void
}
