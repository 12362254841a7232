/** Lines of mended files that were rejected again: each stands for the row it was meant to replace. */
import type pg from 'pg'
import { cellsOfRecord } from '../encode/cells-of-record.ts'
import type { Layout } from '../encode/encoder.ts'
import { quarantineRow } from '../mended.ts'

/** A line of a mended file in quarantine. Rows are named as in such a file: `<load_id>:<line>`. */
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
    const original = known && cellsOfRecord(raw_text, known)?.get(quarantineRow)?.trim()
    return original ? [{ row, loadId, original }] : []
  })
}

/**
 * What leaves the quarantine when rows are accepted: the rows themselves, what they were meant to
 * replace, and all attempts on it. Of attempts on a row that is still rejected, those of the load
 * under way take the place of earlier ones.
 */
export function settled(
  accepted: Iterable<string>,
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
