import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'

import type { AnyDatabase } from '#kit/asset.ts'
import { rowCountChange } from '#kit/checks/row-count-change.ts'
import { test } from '#test/kit/database.ts'

import { broken, type Sale, sales, the28th } from './kit.ts'

const byHalf = rowCountChange('mart.sale', { atMost: 0.5, slice: { day: 'day' } })

/** What the engine recorded of earlier materializations. */
const held = async (db: Kysely<AnyDatabase>, rows: Record<string, number>) => {
  await sql`
    create table if not exists engine.partition_state (
      asset text, partition text, version int8 not null, changed int8 not null, code_version text,
      reads jsonb not null, rows int8 not null, run int8 not null,
      materialized_at timestamptz not null default clock_timestamp(), primary key (asset, partition)
    )`.execute(db)
  await sql`
    insert into engine.partition_state (asset, partition, version, changed, reads, rows, run)
    select 'mart.sale', key, 1, 1, '{}'::jsonb, value::int8, 1 from jsonb_each(${JSON.stringify(rows)})
    union all select 'mart.other', '', 1, 1, '{}'::jsonb, 1000, 1
    on conflict do nothing`.execute(db)
}

const some = (count: number, row: Partial<Sale> = {}) => Array.from({ length: count }, () => row)

test('the first time there is nothing to compare with', async ({ db }) => {
  await held(db, {})
  await sales(db, ...some(3))
  expect(await broken(db, byHalf)).toEqual([])
  expect(byHalf.name).toBe('the number of rows changes by at most 50 %')
})

test.for([
  [4, 2, []],
  [4, 6, []],
  [4, 1, [{ rows_before: 4, rows_now: 1, change_percent: '-75.0' }]],
  [4, 7, [{ rows_before: 4, rows_now: 7, change_percent: '75.0' }]],
  [4, 0, [{ rows_before: 4, rows_now: 0, change_percent: '-100.0' }]],
  [0, 3, []],
  [0, 0, []],
] as const)('from %i rows to %i', async ([before, now, told], { db }) => {
  await held(db, { '': before })
  await sales(db, ...some(now))
  expect(await broken(db, byHalf)).toEqual(told)
})

test('a slice is compared with what the same partitions held', async ({ db }) => {
  await held(db, { '2026-11-27': 100, '2026-11-28': 4 })
  await sales(db, {}, ...some(7, { day: '2026-11-27' }))
  expect(await broken(db, byHalf, the28th)).toEqual([
    { rows_before: 4, rows_now: 1, change_percent: '-75.0' },
  ])
})

test('several partitions are compared together, once each was there before', async ({ db }) => {
  const twoDays = {
    ...the28th,
    keys: ['2026-11-28', '2026-11-29'],
    days: { from: '2026-11-28', to: '2026-11-30' },
  }
  await held(db, { '2026-11-28': 2 })
  await sales(db, {}, ...some(6, { day: '2026-11-29' }))
  expect(await broken(db, byHalf, twoDays)).toEqual([])
  await held(db, { '2026-11-29': 2 })
  expect(await broken(db, byHalf, twoDays)).toMatchObject([{ rows_before: 4, rows_now: 7 }])
})

test.for([0, 1, 50, Number.NaN])('%d is not a share, and says so at once', (atMost) => {
  expect(() => rowCountChange('mart.sale', { atMost })).toThrow(/expected a share between 0 and 1/)
})
