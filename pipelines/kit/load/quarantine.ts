/** The quarantine: one row a line that broke its contract. */
import type pg from 'pg'
import type { Source } from '../asset.ts'
import { feedName } from '../read/header.ts'
import type { Column } from '../table.ts'
import type { Landed, Rejected } from './ledger.ts'
import { type Reason, sentence } from '../encode/reasons.ts'
import type { QuarantinedLine } from './replay-sink.ts'

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

/** Takes rows out of the quarantine whose mended form came from another file: there they are known. */
export async function release(client: pg.ClientBase, source: Source, named: Iterable<string>) {
  const places = [...named].flatMap(placeOf)
  if (places.length === 0) return
  await client.query(
    `with gone as (
       delete from raw.quarantine as q using unnest($2::int8[], $3::int4[]) as mended (load_id, line)
       where q.feed = $1 and q.line > 0 and q.load_id = mended.load_id and q.line = mended.line
       returning q.load_id, case when $4 then greatest(jsonb_array_length(q.reasons), 1) else 1 end as rows
     ), counted as (
       select load_id, sum(rows) as rows from gone group by load_id
     )
     update raw.load
     set rows_same = rows_same + least(rows, rows_rejected),
         rows_rejected = rows_rejected - least(rows, rows_rejected)
     from counted where load.load_id = counted.load_id`,
    [
      feedName(source),
      places.map(({ loadId }) => loadId),
      places.map(({ line }) => line),
      source.reshape !== null,
    ],
  )
}

/** '12:345' is line 345 of load 12. */
function placeOf(row: string): { loadId: number; line: number }[] {
  const [, loadId, line] = /^(\d{1,15}):(\d{1,9})$/.exec(row) ?? []
  return loadId && line ? [{ loadId: Number(loadId), line: Number(line) }] : []
}

/** So many lines of a load in quarantine after a line of it. */
export async function quarantinedAfter(
  client: pg.ClientBase,
  loadId: number,
  { after, limit, isWide }: { after: number; limit: number; isWide: boolean },
): Promise<QuarantinedLine[]> {
  const { rows } = await client.query<{ line: number; raw_text: string; reasons: Reason[] }>(
    `select line, raw_text, reasons from raw.quarantine
     where load_id = $1 and line > $2 order by line limit $3`,
    [loadId, after, limit],
  )
  return rows.map(({ line, raw_text, reasons }) => ({
    line,
    raw: raw_text,
    reasons,
    rejectedRows: 0,
    // A wide line is several rows; its reasons tell about how many of them were rejected.
    rejectedBefore: isWide ? Math.max(1, reasons.length) : 1,
  }))
}

/**
 * Books lines that were judged again: those without a rejected row leave the quarantine, the others
 * get their present reasons. Returns how many rows were accepted without a change to the table.
 */
export async function settleReplay(
  client: pg.ClientBase,
  loadId: number,
  lines: readonly QuarantinedLine[],
  { rowsNew, rowsNewer }: Landed,
  columns: readonly Column[],
): Promise<number> {
  const accepted = lines.filter(({ rejectedRows }) => rejectedRows === 0)
  const rejected = lines.filter(({ rejectedRows }) => rejectedRows > 0)
  await client.query('delete from raw.quarantine where load_id = $1 and line = any($2)', [
    loadId,
    accepted.map(({ line }) => line),
  ])
  await client.query(
    `update raw.quarantine as q set reason = found.reason, reasons = found.reasons
     from unnest($2::int4[], $3::text[], $4::jsonb[]) as found (line, reason, reasons)
     where q.load_id = $1 and q.line = found.line and q.reasons <> found.reasons`,
    [
      loadId,
      rejected.map(({ line }) => line),
      rejected.map(({ reasons }) => sentence(reasons, columns)),
      rejected.map(({ reasons }) => JSON.stringify(reasons)),
    ],
  )
  const sum = (count: (line: QuarantinedLine) => number) =>
    lines.reduce((total, line) => total + count(line), 0)
  const cured = Math.max(
    rowsNew + rowsNewer,
    sum(({ rejectedBefore }) => rejectedBefore) - sum(({ rejectedRows }) => rejectedRows),
  )
  const rowsSame = cured - rowsNew - rowsNewer
  await client.query(
    `update raw.load
     set rows_new = rows_new + $2, rows_newer = rows_newer + $3, rows_same = rows_same + $4,
         rows_rejected = rows_rejected - $5, is_published = is_published and $2 + $3 = 0,
         is_noted = is_noted or is_published
     where load_id = $1`,
    [loadId, rowsNew, rowsNewer, rowsSame, cured],
  )
  return rowsSame
}
