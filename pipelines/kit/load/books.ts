import type { Layout } from '../encode/encoder.ts'
import { feedName } from '../read/header.ts'
import { type Column, columns } from '../table.ts'
import { attemptsOn, settled } from './attempts.ts'
import type { Batch, BatchEnd } from './batch.ts'
import { advance, type Landed, type Load } from './ledger.ts'
import { isMended } from './mending.ts'
import { quarantine, release } from './quarantine.ts'
import { type RawTable, sumOf } from './raw-table.ts'

/** Ledger and quarantine as one load writes to them, in the transactions of its table. */
export class Books {
  readonly #table: RawTable
  /** Kept as the ledger has it. */
  readonly #load: Load
  readonly #layout: Layout
  readonly #columns: readonly Column[]

  constructor(table: RawTable, load: Load, layout: Layout) {
    this.#table = table
    this.#load = load
    this.#layout = layout
    this.#columns = columns(table.source)
  }

  /** The lines of a batch that enter the quarantine, and those that leave it. */
  async setAside({ rejected, mended }: Pick<Batch, 'rejected' | 'mended'>) {
    const { client, source } = this.#table
    const { loadId, file } = this.#load
    await quarantine(client, { loadId, feed: source, file, columns: this.#columns, rejected })
    if (!isMended(this.#layout)) return
    const current = { loadId, layout: this.#layout }
    const attempts = await attemptsOn(client, feedName(source), current)
    await release(client, source, settled(mended, attempts, current))
  }

  /** Books rows that landed, up to a place in the file, and commits them. */
  async commit(landed: Landed, { position, isFinished }: BatchEnd) {
    const load = this.#load
    const layout = this.#layout
    const { loadId, position: from } = load
    const step = { loadId, from, to: position, layout, landed, isFinished }
    await advance(this.#table.client, step)
    await this.#table.commit()
    Object.assign(load, { position, layout, isFinished, landed: sumOf(load.landed, landed) })
  }
}
