/** What was not accepted, and why. */
import { type Kysely, type RawBuilder, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'
import type { Layout } from '#kit/encode/encoder.ts'
import type { Reason } from '#kit/encode/reasons.ts'

/** Which part of the quarantine is meant; all of it when nothing is said. */
export interface Which {
  feed?: string | undefined
  /** As its owner calls it. */
  file?: string | undefined
  /** Words that the reason has in it. */
  reason?: string | undefined
}

/** A line that broke its contract; line 0 stands for a file that was refused as a whole. */
export interface QuarantinedRow {
  /** What it is called: `<load_id>:<line>`. */
  row: string
  feed: string
  file: string
  line: number
  raw_text: string
  reason: string
  reasons: Reason[]
  quarantined_at: string
}

/** How many lines of a feed are in quarantine for the same kind of reason, with one of the reasons. */
export interface QuarantineCount {
  feed: string
  /** The column at fault; null: lines that could not be read, or whole files. */
  column: string | null
  reason: string
  /** Different reasons of that kind; `reason` is one of them. */
  reasons: number
  /** Lines; 0 stands for a file that was refused as a whole. */
  rows: number
}

/** A file of which lines are in quarantine. */
export interface QuarantinedFile {
  feed: string
  file: string
  /** Lines in quarantine; 0 stands for a file that was refused as a whole. */
  rows: number
  /** All rows that were read of it. */
  rows_read: number
  loaded_at: string
}

const rowColumns = sql`
  load_id || ':' || line as "row", feed, file, line, raw_text, reason, reasons, quarantined_at`

/** Lines in quarantine, the latest loads first. */
export async function quarantined(
  db: Kysely<AnyDatabase>,
  { limit = 100, ...which }: Which & { limit?: number } = {},
): Promise<QuarantinedRow[]> {
  const { rows } = await sql<QuarantinedRow>`
    select ${rowColumns} from raw.quarantine where ${only(which)}
    order by load_id desc, line limit ${limit}`.execute(db)
  return rows
}

/** One line in quarantine with the layout of its file, to read it into cells. */
export interface QuarantinedLine extends QuarantinedRow {
  layout: Layout | null
}

/** The lines of that name. */
export async function quarantinedLines(
  db: Kysely<AnyDatabase>,
  names: readonly string[],
): Promise<QuarantinedLine[]> {
  const { rows } = await sql<QuarantinedLine>`
    select ${rowColumns}, (select layout from raw.load where load_id = quarantine.load_id) as layout
    from raw.quarantine where load_id || ':' || line = any(${names}) order by load_id, line`.execute(
    db,
  )
  return rows
}

/** All lines of a part of the quarantine in the order they came, without refused files, page by page. */
export async function* everyQuarantinedLine(
  db: Kysely<AnyDatabase>,
  which: Which,
  pageSize = 2000,
): AsyncGenerator<QuarantinedLine> {
  let after = { load: 0, line: 0 }
  for (;;) {
    const { rows } = await sql<QuarantinedLine & { load: number }>`
      select ${rowColumns}, load_id as load,
             (select layout from raw.load where load_id = quarantine.load_id) as layout
      from raw.quarantine
      where ${only(which)} and line > 0 and (load_id, line) > (${after.load}, ${after.line})
      order by load_id, line limit ${pageSize}`.execute(db)
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < pageSize) return
    after = last
  }
}

/** Lines in quarantine by feed and kind of reason, the most frequent first. */
export async function quarantineCounts(
  db: Kysely<AnyDatabase>,
  which: Which = {},
): Promise<QuarantineCount[]> {
  const { rows } = await sql<QuarantineCount>`
    select
      feed,
      reasons -> 0 ->> 'column' as "column",
      min(reason) as reason,
      count(distinct reason)::int4 as reasons,
      count(*) filter (where line > 0)::int4 as rows
    from raw.quarantine
    where ${only(which)}
    group by
      feed, 2,
      case when reasons -> 0 ->> 'column' is null then reasons -> 0 ->> 'expected' end,
      case when line = 0 then reason end
    order by rows desc, feed, reason`.execute(db)
  return rows
}

/** Files with lines in quarantine, the newest first. */
export async function quarantinedFiles(
  db: Kysely<AnyDatabase>,
  { limit = 10, ...which }: Which & { limit?: number } = {},
): Promise<QuarantinedFile[]> {
  const { rows } = await sql<QuarantinedFile>`
    select quarantine.feed, quarantine.file,
           (count(*) filter (where quarantine.line > 0))::int4 as rows,
           coalesce(max(load.rows_read), 0) as rows_read, max(quarantined_at) as loaded_at
    from raw.quarantine left join raw.load using (load_id)
    where ${only(which)}
    group by load_id, quarantine.feed, quarantine.file order by load_id desc limit ${limit}`.execute(
    db,
  )
  return rows
}

/** Loads with lines in quarantine, the oldest first. */
export async function quarantinedLoads(
  db: Kysely<AnyDatabase>,
  which: Which = {},
): Promise<{ feed: string; load_id: number }[]> {
  const { rows } = await sql<{ feed: string; load_id: number }>`
    select distinct feed, load_id from raw.quarantine
    where ${only(which)} and line > 0 order by feed, load_id`.execute(db)
  return rows
}

function only({ feed, file, reason }: Which): RawBuilder<unknown> {
  const conditions = [
    ...(feed === undefined ? [] : [sql`quarantine.feed = ${feed}`]),
    ...(file === undefined ? [] : [sql`quarantine.file = ${file}`]),
    ...(reason === undefined
      ? []
      : [sql`position(lower(${reason}) in lower(quarantine.reason)) > 0`]),
  ]
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `)
}
