import type pg from 'pg'
import type { Source } from '../asset.ts'
import { copyIn } from './copy-in.ts'
import type { Landed } from './ledger.ts'
import { type Arrival, type MergeSql, mergeSql, type Staged } from './merge-sql.ts'

/** A feed's table, and how rows come to it. */
export interface TableOptions {
  client: pg.ClientBase
  source: Source
  /** Columns in the order of the tuples. */
  tuple: readonly string[]
  arrival?: Arrival
}

type Pieces = AsyncIterable<Buffer> | Iterable<Buffer>

/** One feed's table as a load writes to it, in transactions. */
export class RawTable {
  readonly client: pg.ClientBase
  readonly source: Source
  readonly #sql: MergeSql
  #isOpen = false

  constructor({ client, source, tuple, arrival }: TableOptions) {
    this.client = client
    this.source = source
    this.#sql = mergeSql(source, tuple, arrival)
  }

  async begin() {
    await this.client.query('begin')
    this.#isOpen = true
  }

  async commit() {
    await this.client.query('commit')
    this.#isOpen = false
  }

  /** Ends the transaction that is open, if one is. */
  async rollBack() {
    if (!this.#isOpen) return
    this.#isOpen = false
    // If that fails, the connection is gone, and with it the transaction.
    await this.client.query('rollback').catch(() => {})
  }

  /** Rows with new keys. Frozen needs a table that was truncated in this transaction. */
  async copy(tuples: Pieces, { freeze = false } = {}) {
    await copyIn(this.client, this.#sql.copyDirect(freeze), tuples)
  }

  /** Rows whose keys are perhaps known, until `merge`. */
  async stage(tuples: Pieces, { flagged }: { flagged: boolean }) {
    await this.client.query(this.#sql.createStage)
    await copyIn(this.client, this.#sql.copyStage(flagged), tuples)
  }

  /** Merges so many staged rows. */
  async merge(rows: number, parts: readonly Staged[]): Promise<Landed> {
    if (parts.length > 0 && this.#sql.noteReplaced) await this.client.query(this.#sql.noteReplaced)
    let rowsNew = 0
    let rowsNewer = 0
    for (const part of parts) {
      const result = await this.client.query<{ added: number; written: number }>(
        this.#sql.merge(part),
      )
      const { added = 0, written = 0 } = result.rows[0] ?? {}
      rowsNew += added
      rowsNewer += written - added
    }
    return {
      rowsRead: rows,
      rowsNew,
      rowsNewer,
      rowsSame: rows - rowsNew - rowsNewer,
      rowsRejected: 0,
    }
  }
}

/** The counts of two parts of a load together. */
export function sumOf(a: Landed, b: Landed): Landed {
  return {
    rowsRead: a.rowsRead + b.rowsRead,
    rowsNew: a.rowsNew + b.rowsNew,
    rowsNewer: a.rowsNewer + b.rowsNewer,
    rowsSame: a.rowsSame + b.rowsSame,
    rowsRejected: a.rowsRejected + b.rowsRejected,
  }
}

export const nothingLanded: Landed = {
  rowsRead: 0,
  rowsNew: 0,
  rowsNewer: 0,
  rowsSame: 0,
  rowsRejected: 0,
}
