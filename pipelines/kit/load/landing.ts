/** Where judged rows land: in batches, while the next batch is being read. */
import { once } from 'node:events'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Source } from '../asset.ts'
import { columns } from '../table.ts'
import type { Sink } from './encoder.ts'
import { SeenKeys } from './keys.ts'
import { quarantine, type Rejected } from './ledger.ts'
import { mergeSql, type MergeSql } from './merge-sql.ts'

/** What became of the rows so far. */
export interface Landed {
  rowsRead: number
  /** Rows whose key was not known. */
  rowsNew: number
  /** Rows that replaced an older version. */
  rowsNewer: number
  /** Rows already known: equal to the row that stays, or older than it. */
  rowsSame: number
  /** Rows that broke the contract, now in the quarantine. */
  rowsRejected: number
}

/**
 * COPY text for the table itself and for the stage, and the lines that are neither. Text becomes
 * bytes early: a text that waits is, to the garbage collector, the thousands of pieces it is made of.
 */
class Batch {
  direct: Buffer[] = []
  staged: Buffer[] = []
  hasShared = false
  rejected: Rejected[] = []
  rows = 0
  stagedRows = 0
  #directText = ''
  #stagedText = ''

  addDirect(row: string) {
    this.#directText += row
    if (this.#directText.length > piece) this.close()
  }

  addStaged(row: string) {
    this.#stagedText += row
    if (this.#stagedText.length > piece) this.close()
  }

  close() {
    if (this.#directText !== '') this.direct.push(Buffer.from(this.#directText))
    if (this.#stagedText !== '') this.staged.push(Buffer.from(this.#stagedText))
    this.#directText = ''
    this.#stagedText = ''
  }
}

const piece = 16 * 1024
const rowsInBatch = 64 * 1024
const rejectedInBatch = 1000

/** The sink of one load. */
export class Landing implements Sink {
  readonly landed: Landed = { rowsRead: 0, rowsNew: 0, rowsNewer: 0, rowsSame: 0, rowsRejected: 0 }
  readonly #client: pg.ClientBase
  readonly #source: Source
  readonly #loadId: number
  readonly #file: string
  readonly #known: SeenKeys
  /** Keys in the stage of this batch: one statement cannot write the same row twice. */
  readonly #staged = new SeenKeys()
  readonly #sql: MergeSql
  #batch = new Batch()
  #writing: Promise<void> = Promise.resolve()

  constructor(
    client: pg.ClientBase,
    source: Source,
    load: { loadId: number; file: string; known: SeenKeys },
  ) {
    this.#client = client
    this.#source = source
    this.#loadId = load.loadId
    this.#file = load.file
    this.#known = load.known
    this.#sql = mergeSql(source)
  }

  accept(cells: string, key: number, line: number) {
    this.#batch.rows++
    const row = `${cells}\t${this.#loadId}\t${line}`
    if (!this.#known.seen(key)) return this.#batch.addDirect(`${row}\n`)
    const shared = this.#staged.seen(key)
    if (shared) this.#batch.hasShared = true
    this.#batch.stagedRows++
    this.#batch.addStaged(shared ? `${row}\tt\n` : `${row}\tf\n`)
  }

  reject(line: number, raw: string, rows: number, reasons: Rejected['reasons']) {
    // A copy: a slice would keep the whole piece of the file it was cut from.
    const text = Buffer.from(raw.replaceAll('\0', '\u2400')).toString()
    this.#batch.rejected.push({ line, raw: text, reasons })
    this.landed.rowsRejected += rows
    this.landed.rowsRead += rows
  }

  /** Hands the batch to Postgres when it is full, and waits while the one before is still being written. */
  async settle() {
    const { rows, rejected } = this.#batch
    if (rows >= rowsInBatch || rejected.length >= rejectedInBatch) await this.#send()
  }

  /** Waits until everything is written. */
  async finish() {
    await this.#send()
    await this.#writing
  }

  /** Waits for what is under way, however it ends: the connection is then free for a rollback. */
  async abandon() {
    await this.#writing.catch(() => {})
  }

  async #send() {
    const batch = this.#batch
    batch.close()
    this.#batch = new Batch()
    this.#staged.clear()
    await this.#writing
    this.#writing = this.#write(batch)
    // Told to whoever waits for it next.
    this.#writing.catch(() => {})
  }

  async #write({ direct, staged, hasShared, rejected, rows, stagedRows }: Batch) {
    const { landed } = this
    landed.rowsRead += rows
    landed.rowsNew += rows - stagedRows
    if (direct.length > 0) await this.#copy(this.#sql.copyDirect, direct)
    if (staged.length > 0) {
      await this.#client.query(this.#sql.createStage)
      await this.#copy(this.#sql.copyStage, staged)
      const before = landed.rowsNew + landed.rowsNewer
      await this.#merge(false)
      if (hasShared) await this.#merge(true)
      landed.rowsSame += stagedRows - (landed.rowsNew + landed.rowsNewer - before)
      await this.#client.query(this.#sql.emptyStage)
    }
    await quarantine(this.#client, {
      loadId: this.#loadId,
      feed: this.#source,
      file: this.#file,
      columns: columns(this.#source),
      rejected,
    })
  }

  async #merge(shared: boolean) {
    const { rows } = await this.#client.query<{ added: number; written: number }>(
      this.#sql.merge(shared),
    )
    const { added = 0, written = 0 } = rows[0] ?? {}
    this.landed.rowsNew += added
    this.landed.rowsNewer += written - added
  }

  async #copy(statement: string, pieces: readonly Buffer[]) {
    const copy = this.#client.query(copyFrom(statement))
    const failed = once(copy, 'error').then(([error]) => Promise.reject(error as Error))
    failed.catch(() => {})
    for (const bytes of pieces)
      if (!copy.write(bytes)) await Promise.race([once(copy, 'drain'), failed])
    copy.end()
    await Promise.race([once(copy, 'finish'), failed])
  }
}
