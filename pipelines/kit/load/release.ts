/** Rows leave the quarantine because they came again, mended. */
import type pg from 'pg'
import type { Source } from '../asset.ts'
import { cellsOfRecord } from '../encode/cells-of-record.ts'
import type { Layout } from '../encode/encoder.ts'
import { quarantineRow } from '../mended.ts'
import { feedName } from '../read/header.ts'

/** A line of a mended file that was rejected again. */
export interface Attempt {
  row: string
  loadId: number
  /** The quarantined row it was meant to replace. */
  original: string
}

/**
 * The attempts on rows of a feed. `current` is the load under way, of which the ledger does not say
 * yet how its file is laid out.
 */
export async function attemptsOn(
  client: pg.ClientBase | pg.Pool,
  feed: string,
  current?: { loadId: number; layout: Layout },
): Promise<Attempt[]> {
  const { rows } = await client.query<{
    row: string
    load_id: string
    raw_text: string
    layout: Layout | null
  }>(
    `select load_id || ':' || quarantine.line as row, load_id, raw_text, layout
     from raw.quarantine join raw.load using (load_id)
     where load.feed = $1 and quarantine.line > 0
       and (layout -> 'names' ? $2 or load_id = $3)`,
    [feed, quarantineRow, current?.loadId ?? null],
  )
  return rows.flatMap(({ row, load_id, raw_text, layout }) => {
    const loadId = Number(load_id)
    const known = loadId === current?.loadId ? current.layout : layout
    const original = known && cellsOfRecord(raw_text, known)?.get(quarantineRow)
    return original ? [{ row, loadId, original }] : []
  })
}

/**
 * What leaves the quarantine when rows are accepted: the rows themselves, what they were meant to
 * replace, and all attempts on it. Of attempts on a row that is still rejected, those of the load
 * under way take the place of earlier ones.
 */
export function settled(
  accepted: readonly string[],
  attempts: readonly Attempt[],
  current?: { loadId: number },
): Set<string> {
  const all = new Set(accepted)
  const tried = new Set<string>()
  for (const { row, loadId, original } of attempts) {
    if (all.has(row)) all.add(original)
    if (loadId === current?.loadId) tried.add(original)
  }
  for (const { row, loadId, original } of attempts)
    if (all.has(original) || (loadId !== current?.loadId && tried.has(original))) all.add(row)
  return all
}

/** Takes rows out of the quarantine of a feed; their loads count them as rows that changed nothing. */
export async function release(client: pg.ClientBase, source: Source, named: Iterable<string>) {
  const places = [...named].flatMap((name) => {
    const [, load, line] = /^(\d{1,18}):([1-9]\d{0,8})$/.exec(name.trim()) ?? []
    return load && line ? [{ load, line }] : []
  })
  if (places.length === 0) return
  await client.query(
    `with released as (
       delete from raw.quarantine as q
       using unnest($2::int8[], $3::int4[]) as place (load_id, line)
       where q.feed = $1 and q.load_id = place.load_id and q.line = place.line
       returning q.load_id, q.reasons
     ), loads as (
       select load_id, sum(case when $4 then greatest(1, jsonb_array_length(reasons)) else 1 end) as rows
       from released group by load_id
     )
     update raw.load
     set rows_rejected = rows_rejected - loads.rows, rows_same = rows_same + loads.rows
     from loads where load.load_id = loads.load_id`,
    [
      feedName(source),
      places.map(({ load }) => load),
      places.map(({ line }) => line),
      // A wide line is several rows; its reasons tell about how many of them were rejected.
      source.reshape !== null,
    ],
  )
}
