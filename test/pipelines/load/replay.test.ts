import type pg from 'pg'
import { expect } from 'vitest'

import type { Source } from '#kit/asset.ts'
import { text } from '#kit/columns.ts'
import { replayQuarantine } from '#kit/load/replay.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'

import { arrowTable, ndjsonOf, parquetOf } from '#test/pipelines/read/formats.ts'

import { example, test } from './feed-file.ts'

const header = 'partner,partner_kind,contracted_on'
/** The feed once its owner allows every kind of partner. */
const anyKind: Source = {
  ...rawPartner,
  contract: rawPartner.contract.extend({ partner_kind: text(40) }),
}

async function counts(pool: pg.Pool) {
  const { rows } = await pool.query<Record<string, number>>(
    `select load_id, rows_read, rows_new, rows_newer, rows_same, rows_rejected, is_published
     from raw.load order by load_id`,
  )
  for (const row of rows)
    expect(row.rows_new! + row.rows_newer! + row.rows_same! + row.rows_rejected!).toBe(
      row.rows_read,
    )
  return rows
}

test('once the contract allows them, rows in quarantine are loaded with the load and line they came from', async ({
  loader,
  database: { pool },
}) => {
  const load = await loader.loadLines(
    rawPartner,
    header,
    'a,bank,2024-01-01',
    'b,spaceship,2024-01-01',
    'c,"space\nship",2024-01-01',
    'd,spaceship,2024-13-01',
    'e,bank,2024-01-01',
  )
  expect(load).toMatchObject({ rowsNew: 2, rowsRejected: 3 })
  await pool.query('update raw.load set is_published = true')

  expect(await replayQuarantine(pool, anyKind, { linesInBatch: 2 })).toEqual({
    lines: 3,
    accepted: 2,
    rowsNew: 2,
    rowsNewer: 0,
    rowsSame: 0,
    skipped: 0,
  })
  const { rows } = await pool.query('select partner, load_id, line from raw.partner order by 1')
  const { loadId: load_id } = load
  expect(rows).toEqual([
    { partner: 'a', load_id, line: 2 },
    { partner: 'b', load_id, line: 3 },
    { partner: 'c', load_id, line: 4 },
    { partner: 'e', load_id, line: 7 },
  ])
  expect(await loader.quarantine()).toEqual([
    {
      line: 6,
      raw_text: 'd,spaceship,2024-13-01',
      reason: 'contracted_on: found "2024-13-01", expected a day such as 2026-10-14.',
    },
  ])
  expect(await counts(pool)).toMatchObject([
    { rows_read: 5, rows_new: 4, rows_rejected: 1, is_published: false },
  ])
})

test('a row that is replayed is as late as its load: what came after it stays', async ({
  loader,
  database: { pool },
}) => {
  await loader.loadLines(rawPartner, header, 'a,spaceship,2024-01-01', 'b,spaceship,2024-01-01')
  await loader.loadLines(rawPartner, header, 'a,bank,2025-01-01')
  expect(await replayQuarantine(pool, anyKind)).toMatchObject({ rowsNew: 1, rowsSame: 1 })
  expect(await loader.table(rawPartner)).toMatchObject([
    { partner: 'a', partner_kind: 'bank' },
    { partner: 'b', partner_kind: 'spaceship' },
  ])
  expect(await counts(pool)).toMatchObject([
    { rows_new: 1, rows_same: 1, rows_rejected: 0 },
    { rows_new: 1 },
  ])
})

test('of versions that were set aside the newest stays', async ({ loader, database: { pool } }) => {
  const event = (amount_minor: string, changes: Record<string, string>) =>
    example(rawFeeEvent, { amount_minor, event_type: 'imagined', ...changes })[1]
  const [head] = example(rawFeeEvent)
  await loader.loadLines(
    rawFeeEvent,
    head,
    event('2', { recorded_at: '2026-10-14T11:00:00Z' }),
    event('1', { recorded_at: '2026-10-14T10:00:00Z' }),
  )
  const anyType: Source = {
    ...rawFeeEvent,
    contract: rawFeeEvent.contract.extend({ event_type: text(40) }),
  }
  expect(await replayQuarantine(pool, anyType)).toMatchObject({ rowsNew: 1, rowsSame: 1 })
  expect(await loader.table(rawFeeEvent)).toMatchObject([{ amount_minor: 2 }])
})

test('of a wide line the cells that were at fault are loaded once', async ({
  loader,
  database: { pool },
}) => {
  await loader.loadLines(rawFxRate, 'Date,USD,JPY', '2026-10-14,1.1684,1e5')
  const mended = `update raw.quarantine set raw_text = '2026-10-14,1.1684,186.75'`
  await pool.query(mended)
  expect(await replayQuarantine(pool, rawFxRate)).toMatchObject({ rowsNew: 1, accepted: 1 })
  expect(await counts(pool)).toMatchObject([{ rows_read: 2, rows_new: 2, rows_rejected: 0 }])
})

test('only the load that is asked for is replayed, and what is not mended stays as it is', async ({
  loader,
  database: { pool },
}) => {
  const one = await loader.loadLines(rawPartner, header, 'a,spaceship,2024-01-01')
  await loader.loadLines(rawPartner, header, 'b,spaceship,2024-01-01')
  const before = await loader.quarantine()
  expect(await replayQuarantine(pool, rawPartner)).toMatchObject({ lines: 2, accepted: 0 })
  expect(await loader.quarantine()).toEqual(before)
  const { loadId } = one
  expect(await replayQuarantine(pool, anyKind, { loadId })).toMatchObject({ lines: 1, accepted: 1 })
})

test('rows of a file that lacks a column of the present contract wait until they come again with it', async ({
  loader,
  database: { pool },
}) => {
  await loader.loadLines(rawPartner, header, 'a,spaceship,2024-01-01')
  const withNote: Source = { ...anyKind, contract: anyKind.contract.extend({ note: text(40) }) }
  await pool.query('alter table raw.partner add column note text not null')
  expect(await replayQuarantine(pool, withNote)).toMatchObject({ lines: 0, skipped: 1 })
  expect(await loader.quarantine()).toHaveLength(1)
})

test('rows of NDJSON and of Parquet are replayed too', async ({ loader, database: { pool } }) => {
  const record = (partner: string) => ({
    partner,
    partner_kind: 'spaceship',
    contracted_on: '2024-01-01',
  })
  await loader.load(rawPartner, loader.write('a.ndjson', ndjsonOf([record('a'), record('b')])))
  await loader.load(rawPartner, loader.write('c.parquet', parquetOf(arrowTable([record('c')]))))
  expect(await replayQuarantine(pool, anyKind)).toMatchObject({ lines: 3, rowsNew: 3 })
  const { rows } = await pool.query('select partner, line from raw.partner order by 1')
  expect(rows).toEqual([
    { partner: 'a', line: 1 },
    { partner: 'b', line: 2 },
    { partner: 'c', line: 1 },
  ])
})
