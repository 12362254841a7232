import type pg from 'pg'
import type { Source } from '../asset.ts'
import type { Layout } from '../encode/encoder.ts'
import { type Column, columns } from '../table.ts'
import type { BatchEnd } from './batch.ts'
import { copyIn } from './copy-in.ts'
import { advance, type Landed, type Load, quarantine, type Rejected } from './ledger.ts'
import { type MergeSql, mergeSql, type Staged } from './merge-sql.ts'

/** What a load writes to. */
export interface LoadTarget {
  client: pg.ClientBase
  source: Source
  /** Brought up to date with every commit. */
  load: Load
  layout: Layout
  /** Columns in the order of the tuples. */
  tuple: readonly string[]
}

type Pieces = AsyncIterable<Buffer> | Iterable<Buffer>

/** One feed's table, its quarantine and the ledger, as one load writes to them. */
export class RawTable {
  readonly client: pg.ClientBase
  readonly source: Source
  readonly #target: LoadTarget
  readonly #sql: MergeSql
  readonly #columns: Column[]
  #isOpen = false

  constructor(target: LoadTarget) {
    this.client = target.client
    this.source = target.source
    this.#target = target
    this.#sql = mergeSql(target.source, target.tuple)
    this.#columns = columns(target.source)
  }

  async begin() {
    await this.client.query('begin')
    this.#isOpen = true
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

  async setAside(rejected: readonly Rejected[]) {
    const { loadId, file } = this.#target.load
    await quarantine(this.client, {
      loadId,
      feed: this.source,
      file,
      columns: this.#columns,
      rejected,
    })
  }

  /** Books rows that landed, up to a place in the file, and commits them. */
  async commit(landed: Landed, { position, isFinished }: BatchEnd) {
    const { load, layout } = this.#target
    const { loadId, position: from } = load
    await advance(this.client, { loadId, from, to: position, layout, landed, isFinished })
    await this.client.query('commit')
    this.#isOpen = false
    Object.assign(load, { position, layout, isFinished, landed: sumOf(load.landed, landed) })
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
