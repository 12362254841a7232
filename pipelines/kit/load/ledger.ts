/** The books about loads: raw.load has one row a file, raw.quarantine one row a line that broke its contract. */
import type pg from 'pg'
import type { Layout, Position } from '../encode/encoder.ts'
import type { FeedFile } from '../read/feed-file.ts'
import type { Reason } from '../encode/reasons.ts'

/** What became of the rows of a load. `rowsRead` is the sum of the other four counts. */
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

/** A line of a file that was not accepted. */
export interface Rejected {
  line: number
  raw: string
  reasons: Reason[]
}

/** What the ledger says of a file. */
export interface Load {
  loadId: number
  /** What the file was called when it came first. */
  file: string
  loadedAt: string
  landed: Landed
  /** Where the load goes on; null: at the beginning. */
  position: Position | null
  layout: Layout | null
  isFinished: boolean
}

interface LoadRow {
  load_id: string
  file: string
  loaded_at: string
  rows_read: string
  rows_new: string
  rows_newer: string
  rows_same: string
  rows_rejected: string
  offset: string
  line: string
  layout: Layout | null
  is_finished: boolean
}

/** The ledger's row for a file: a new one, or that of the same content before, under whatever name. */
export async function openLoad(
  client: pg.ClientBase,
  { feed, name, sha256, bytes }: FeedFile,
): Promise<Load> {
  await client.query(
    `insert into raw.load (feed, file, sha256, bytes) values ($1, $2, $3, $4)
     on conflict (feed, sha256) do nothing`,
    [feed, name, sha256, bytes],
  )
  const { rows } = await client.query<LoadRow>(
    `select load_id, file, rows_read, rows_new, rows_newer, rows_same, rows_rejected,
            "offset", line, layout, is_finished,
            to_char(loaded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as loaded_at
     from raw.load where feed = $1 and sha256 = $2`,
    [feed, sha256],
  )
  const row = rows[0]!
  const position = { offset: Number(row.offset), line: Number(row.line) }
  return {
    loadId: Number(row.load_id),
    file: row.file,
    loadedAt: row.loaded_at,
    landed: landedOf(row),
    position: row.layout === null ? null : position,
    layout: row.layout,
    isFinished: row.is_finished,
  }
}

/** How far a load comes with a batch. */
export interface Advance {
  loadId: number
  from: Position | null
  to: Position
  layout: Layout
  landed: Landed
  isFinished: boolean
}

/**
 * Books a batch, in its transaction. The ledger must stand where this load left it: a load that was
 * taken for dead and another one for the same file cannot both go on.
 */
export async function advance(
  client: pg.ClientBase,
  { loadId, from, to, layout, landed, isFinished }: Advance,
) {
  const { rowsRead, rowsNew, rowsNewer, rowsSame, rowsRejected } = landed
  const { rowCount } = await client.query(
    `update raw.load
     set rows_read = rows_read + $4, rows_new = rows_new + $5, rows_newer = rows_newer + $6,
         rows_same = rows_same + $7, rows_rejected = rows_rejected + $8,
         "offset" = $9, line = $10, layout = $11, is_finished = $12,
         is_published = is_published and $5 + $6 = 0, is_noted = is_noted and $5 + $6 = 0,
         loaded_at = now()
     where load_id = $1 and "offset" = $2 and line = $3 and not is_finished`,
    [
      loadId,
      from?.offset ?? 0,
      from?.line ?? 0,
      rowsRead,
      rowsNew,
      rowsNewer,
      rowsSame,
      rowsRejected,
      to.offset,
      to.line,
      JSON.stringify(layout),
      isFinished,
    ],
  )
  if (rowCount !== 1)
    throw new Error(
      `Load ${loadId} went on elsewhere after line ${from?.line ?? 0}; this attempt is given up.`,
    )
}

/** Books that a file was refused, or was found damaged on the way: line 0 of the quarantine. */
export async function bookRefusal(client: pg.ClientBase, load: Load, feed: string, reason: string) {
  await client.query(
    `insert into raw.quarantine (load_id, feed, file, line, raw_text, reason, reasons)
     values ($1, $2, $3, 0, '', $4, '[]')
     on conflict (load_id, line) do update set reason = excluded.reason, quarantined_at = now()`,
    [load.loadId, feed, load.file, reason],
  )
}

/** A refused file is tried again: what was said of it does not count any more. */
export async function forgetRefusal(client: pg.ClientBase, { loadId }: Load) {
  await client.query('delete from raw.quarantine where load_id = $1 and line = 0', [loadId])
}

/** A load that the record of a feed's materialization did not count yet. */
export interface Unpublished extends Landed {
  loadId: number
  /** What it brought since it was counted last came from the quarantine, and its partitions are noted. */
  isNoted: boolean
}

/** Marks a feed's loads as counted; returns those that were not. Call in the transaction of the record. */
export async function publish(client: pg.ClientBase, feed: string): Promise<Unpublished[]> {
  const { rows } = await client.query<LoadRow & { is_noted: boolean }>(
    `update raw.load set is_published = true where feed = $1 and not is_published
     returning load_id, rows_read, rows_new, rows_newer, rows_same, rows_rejected, is_noted`,
    [feed],
  )
  return rows.map((row) => ({
    loadId: Number(row.load_id),
    isNoted: row.is_noted,
    ...landedOf(row),
  }))
}

function landedOf(row: LoadRow): Landed {
  return {
    rowsRead: Number(row.rows_read),
    rowsNew: Number(row.rows_new),
    rowsNewer: Number(row.rows_newer),
    rowsSame: Number(row.rows_same),
    rowsRejected: Number(row.rows_rejected),
  }
}
