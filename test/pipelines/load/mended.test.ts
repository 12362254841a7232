import type pg from 'pg'
import { expect } from 'vitest'

import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'

import { test } from './feed-file.ts'

const header = 'partner,partner_kind,contracted_on'

async function countsOf(pool: pg.Pool, loadId: number) {
  const { rows } = await pool.query(
    'select rows_read, rows_new, rows_same, rows_rejected from raw.load where load_id = $1',
    [loadId],
  )
  return rows[0] as unknown
}

test('a row that comes back mended leaves the quarantine; one that does not stays', async ({
  loader,
  database: { pool },
}) => {
  const { loadId } = await loader.loadLines(
    rawPartner,
    header,
    'a,spaceship,2024-01-01',
    'b,spaceship,2024-01-01',
    '=c,spaceship,2024-01-01',
    'd,bank',
  )
  const mended = await loader.loadLines(
    rawPartner,
    `${header},quarantine_row,quarantine_reason,quarantine_text`,
    `a,bank,2024-01-01,${loadId}:2,told,`,
    `b,spaceship,2024-01-01,${loadId}:3,told,`,
    `'=c,bnpl,2024-01-01,${loadId}:4,told,`,
    `,,,${loadId}:5,told,"d,bank"`,
    'e,bank,2024-01-01,,,',
    'f,bank,2024-01-01,999:9,,',
    'g,bank',
  )
  expect(mended).toMatchObject({ rowsRead: 7, rowsNew: 4, rowsRejected: 3, ignoredColumns: [] })
  expect(await loader.table(rawPartner)).toMatchObject([
    { partner: '=c', partner_kind: 'bnpl' },
    { partner: 'a', partner_kind: 'bank' },
    { partner: 'e' },
    { partner: 'f' },
  ])
  const left = (await loader.quarantine()).map(({ raw_text }) => raw_text)
  expect(left.slice(0, 2)).toEqual(['b,spaceship,2024-01-01', 'd,bank'])
  expect(left).toHaveLength(5)
  expect(await countsOf(pool, loadId)).toEqual({
    rows_read: 4,
    rows_new: 0,
    rows_same: 2,
    rows_rejected: 2,
  })
})

test('a row in quarantine is not released by a file of another feed', async ({ loader }) => {
  const { loadId } = await loader.loadLines(rawFxRate, 'Date,USD', '2026-10-14,x')
  await loader.loadLines(rawPartner, `${header},quarantine_row`, `a,bank,2024-01-01,${loadId}:2`)
  expect(await loader.quarantine()).toHaveLength(1)
})

test('a wide line leaves the quarantine once all its cells are right', async ({
  loader,
  database: { pool },
}) => {
  const { loadId } = await loader.loadLines(rawFxRate, 'Date,USD,JPY', '2026-10-14,x,y')
  const again = (usd: string, jpy: string) =>
    loader.loadLines(
      rawFxRate,
      'Date,USD,JPY,quarantine_row,quarantine_reason,quarantine_text',
      `2026-10-14,${usd},${jpy},${loadId}:2,,`,
    )
  await again('1.1', 'y')
  expect(await countsOf(pool, loadId)).toMatchObject({ rows_rejected: 2 })
  expect(await again('1.1', '186.5')).toMatchObject({ rowsNew: 1, rowsSame: 1 })
  expect(await countsOf(pool, loadId)).toMatchObject({ rows_rejected: 0, rows_same: 2 })
})
