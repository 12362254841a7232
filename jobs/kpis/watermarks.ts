import type pg from 'pg'

import type { Day } from './days.ts'

/** How far the data of one feed family reaches. */
export interface Watermark {
  asOf: Day
  /** Monday of the last week that is over and whose late data is in. */
  lastCompleteWeek: Day
}

/** The feed family that dates the KPIs of a view. */
const familyOf: Record<string, string> = {
  fees: 'fees',
  payments: 'payments',
  appeals: 'cases',
  contacts: 'contacts',
}

/** How far the data behind each view reaches; a view that has none yet is not in it. */
export type Watermarks = ReadonlyMap<string, Watermark>

export async function readWatermarks(pool: pg.Pool): Promise<Watermarks> {
  const { rows } = await pool
    .query<{ feed: string; as_of: Day; last_complete_week: Day }>(
      'select feed, as_of, last_complete_week from mart.ref_watermark where as_of is not null',
    )
    .catch((cause: unknown) => {
      throw new Error('The warehouse has no tables of this Recoup yet. Make them: npm start', {
        cause,
      })
    })
  const byFamily = new Map(rows.map((row) => [row.feed, row]))
  const known = Object.entries(familyOf).flatMap(([view, family]): [string, Watermark][] => {
    const row = byFamily.get(family)
    return row ? [[view, { asOf: row.as_of, lastCompleteWeek: row.last_complete_week }]] : []
  })
  return new Map(known)
}

/** The watermark of a view that is asked something. */
export function requireWatermark(watermarks: Watermarks, view: string): Watermark {
  const found = watermarks.get(view)
  if (found) return found
  throw new Error(
    `Nothing is loaded for ${view} yet. For demo data: npm start. ` +
      'For your own: recoup ingest <file> --as <feed>',
  )
}
