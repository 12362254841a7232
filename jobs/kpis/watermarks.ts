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

/** How far the data behind each view reaches; empty when nothing was loaded yet. */
export async function watermarks(pool: pg.Pool): Promise<(view: string) => Watermark> {
  const { rows } = await pool
    .query<{ feed: string; as_of: Day; last_complete_week: Day }>(
      'select feed, as_of, last_complete_week from mart.ref_watermark where as_of is not null',
    )
    .catch((cause: unknown) => {
      throw new Error('The warehouse has no tables of this Recoup yet. Make them: npm start', {
        cause,
      })
    })
  return (view) => {
    const found = rows.find(({ feed }) => feed === familyOf[view])
    if (found) return { asOf: found.as_of, lastCompleteWeek: found.last_complete_week }
    throw new Error(
      `Nothing is loaded for ${view} yet. For demo data: npm start. ` +
        'For your own: recoup ingest <file> --as <feed>',
    )
  }
}
