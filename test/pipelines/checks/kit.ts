import { type Kysely, sql } from 'kysely'

import type { AnyDatabase, Check } from '#kit/asset.ts'
import { type Slice, whole } from '#kit/partitions/slice.ts'

const sale = {
  sale_id: 'S1',
  day: '2026-11-28',
  sold_at: '2026-11-28T12:00:00Z',
  marketplace: 'DE',
  currency: 'EUR',
  quantity: 1,
}

export type Sale = { [Column in keyof typeof sale]: (typeof sale)[Column] | null }

/** A table of sales as models have them, with these; what a sale does not say is that of S1. */
export async function sales(db: Kysely<AnyDatabase>, ...rows: Partial<Sale>[]): Promise<void> {
  await sql`
    create table if not exists mart.sale (
      sale_id text, day date, sold_at timestamptz, marketplace text, currency text, quantity int4
    )`.execute(db)
  if (rows.length === 0) return
  await db
    .insertInto('mart.sale')
    .values(rows.map((row) => ({ ...sale, ...row })))
    .execute()
}

/** The rows that break a check. */
export async function broken(
  db: Kysely<AnyDatabase>,
  check: Check<AnyDatabase>,
  slice: Slice = whole,
): Promise<object[]> {
  const { rows } = await sql<object>`
    select * from ${check.broken(db, slice)} as broken order by 1`.execute(db)
  return rows
}

/** The 28th of November 2026 in UTC. */
export const the28th: Slice = {
  ...whole,
  keys: ['2026-11-28'],
  days: { from: '2026-11-28', to: '2026-11-29' },
  instants: { from: '2026-11-28T00:00:00Z', to: '2026-11-29T00:00:00Z' },
}
