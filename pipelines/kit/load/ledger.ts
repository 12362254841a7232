/** The books about loads: raw.load has one row a file, raw.quarantine one row a line that broke its contract. */
import type pg from 'pg'
import type { Source } from '../asset.ts'
import type { Column } from '../table.ts'
import type { FeedFile } from './bytes.ts'
import { feedName } from './header.ts'
import type { Landed } from './landing.ts'
import { type Reason, sentence } from './reasons.ts'

/** A line of a file that was not accepted. */
export interface Rejected {
  line: number
  raw: string
  reasons: Reason[]
}

/** A load of the same file before. */
export interface EarlierLoad {
  loadId: number
  file: string
  loadedAt: string
}

/** Opens the ledger's row for a file, or finds that the file was loaded before. A refused file may be tried again. */
export async function openLoad(
  client: pg.ClientBase,
  { feed, name, sha256, bytes }: FeedFile,
): Promise<{ loadId: number } | { earlier: EarlierLoad }> {
  await client.query(
    `with refused as (
       delete from raw.quarantine using raw.load
       where load.load_id = quarantine.load_id and load.feed = $1 and load.sha256 = $2 and line = 0
       returning load.load_id
     )
     delete from raw.load using refused where load.load_id = refused.load_id`,
    [feed, sha256],
  )
  const opened = await client.query<{ load_id: string }>(
    `insert into raw.load (feed, file, sha256, bytes) values ($1, $2, $3, $4)
     on conflict (feed, sha256) do nothing returning load_id`,
    [feed, name, sha256, bytes],
  )
  if (opened.rows[0]) return { loadId: Number(opened.rows[0].load_id) }
  const { rows } = await client.query<{ load_id: string; file: string; loaded_at: string }>(
    `select load_id, file, to_char(loaded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as loaded_at
     from raw.load where feed = $1 and sha256 = $2`,
    [feed, sha256],
  )
  const { load_id, file = '', loaded_at = '' } = rows[0] ?? {}
  return { earlier: { loadId: Number(load_id), file, loadedAt: loaded_at } }
}

/** Completes the ledger's row. */
export async function closeLoad(client: pg.ClientBase, loadId: number, landed: Landed) {
  const { rowsRead, rowsNew, rowsNewer, rowsSame, rowsRejected } = landed
  await client.query(
    `update raw.load set rows_read = $2, rows_new = $3, rows_newer = $4, rows_same = $5, rows_rejected = $6
     where load_id = $1`,
    [loadId, rowsRead, rowsNew, rowsNewer, rowsSame, rowsRejected],
  )
}

/** Writes lines to the quarantine with what was wrong, as data and as a sentence. */
export async function quarantine(
  client: pg.ClientBase,
  {
    loadId,
    feed,
    file,
    columns,
    rejected,
  }: {
    loadId: number
    feed: Source
    file: string
    columns: readonly Column[]
    rejected: readonly Rejected[]
  },
) {
  if (rejected.length === 0) return
  await client.query(
    `insert into raw.quarantine (load_id, feed, file, line, raw_text, reason, reasons)
     select $1, $2, $3, * from unnest($4::int4[], $5::text[], $6::text[], $7::jsonb[])`,
    [
      loadId,
      feedName(feed),
      file,
      rejected.map(({ line }) => line),
      rejected.map(({ raw }) => raw),
      rejected.map(({ reasons }) => sentence(reasons, columns)),
      rejected.map(({ reasons }) => JSON.stringify(reasons)),
    ],
  )
}

/** Books a file that was refused as a whole: a load of no rows, and line 0 of the quarantine. */
export async function bookRefusal(client: pg.ClientBase, file: FeedFile, reason: string) {
  const opened = await openLoad(client, file)
  if ('earlier' in opened) return
  await client.query(
    `insert into raw.quarantine (load_id, feed, file, line, raw_text, reason, reasons)
     values ($1, $2, $3, 0, '', $4, '[]')`,
    [opened.loadId, file.feed, file.name, reason],
  )
}
