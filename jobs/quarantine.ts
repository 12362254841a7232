/** What was not accepted, and why. */
import { type Kysely, sql } from 'kysely'

import type { AnyDatabase } from '#kit/asset.ts'
import type { Reason } from '#kit/load/reasons.ts'

/** A line that broke its contract; line 0 stands for a file that was refused as a whole. */
export type QuarantinedRow = {
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

/** Lines in quarantine, the latest loads first. */
export async function quarantined(
  db: Kysely<AnyDatabase>,
  { feed, limit = 100 }: { feed?: string; limit?: number } = {},
): Promise<QuarantinedRow[]> {
  const only = feed === undefined ? sql`true` : sql`feed = ${feed}`
  const { rows } = await sql<QuarantinedRow>`
    select feed, file, line, raw_text, reason, reasons, quarantined_at
    from raw.quarantine where ${only}
    order by load_id desc, line limit ${limit}`.execute(db)
  return rows
}

/** Lines in quarantine by feed and kind of reason, the most frequent first. */
export async function quarantineCounts(db: Kysely<AnyDatabase>): Promise<QuarantineCount[]> {
  const { rows } = await sql<QuarantineCount>`
    select
      feed,
      reasons -> 0 ->> 'column' as "column",
      min(reason) as reason,
      count(distinct reason)::int4 as reasons,
      count(*) filter (where line > 0)::int4 as rows
    from raw.quarantine
    group by
      feed, 2,
      case when reasons -> 0 ->> 'column' is null then reasons -> 0 ->> 'expected' end,
      case when line = 0 then reason end
    order by rows desc, feed, reason`.execute(db)
  return rows
}
