import { Readable } from 'node:stream'

import { sql } from 'kysely'
import { expect } from 'vitest'

import { mendable } from '#jobs/mendable.ts'
import {
  quarantineCounts,
  quarantined,
  quarantinedFiles,
  quarantinedLines,
} from '#jobs/quarantine.ts'
import { cellsOfRecord } from '#kit/encode/cells-of-record.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'
import { example, test } from '#test/pipelines/load/feed-file.ts'

const rowsOf = (rows: AsyncIterable<string>) => Readable.from(rows).toArray() as Promise<string[]>

const header = 'partner,partner_kind,contracted_on'

test('the quarantine is found by feed, by file and by words of the reason', async ({
  loader,
  db,
}) => {
  const events = [{ currency: 'EURO' }, { currency: 'eur' }, { amount_minor: '19,99' }].map(
    (damage, at) => example(rawFeeEvent, { source_event_id: `E${at}`, ...damage })[1],
  )
  await loader.loadLines(rawFeeEvent, example(rawFeeEvent)[0], ...events)
  await loader.loadLines(rawPartner, header, 'a,spaceship,2024-01-01', 'b,bank,2024-01-01')

  expect(await quarantineCounts(db)).toMatchObject([
    { feed: 'fee_event', column: 'currency', rows: 2, reasons: 2 },
    { feed: 'fee_event', column: 'amount_minor', rows: 1, reasons: 1 },
    { feed: 'partner', column: 'partner_kind', rows: 1, reasons: 1 },
  ])
  expect(await quarantineCounts(db, { feed: 'partner' })).toMatchObject([{ feed: 'partner' }])
  expect(await quarantined(db, { reason: 'FOUND "EUR"' })).toMatchObject([{ line: 3 }])
  expect(await quarantined(db, { reason: 'did you mean eur' })).toHaveLength(2)
  expect(await quarantined(db, { reason: '%' })).toEqual([])
  expect(await quarantined(db, { file: '1.csv', reason: 'amount' })).toMatchObject([{ line: 4 }])
  expect(await quarantinedFiles(db)).toMatchObject([
    { feed: 'partner', file: '2.csv', rows: 1, rows_read: 2 },
    { feed: 'fee_event', file: '1.csv', rows: 3, rows_read: 3 },
  ])
})

test('a row is read into cells as its file is laid out, so that the cell at fault can be shown', async ({
  loader,
  db,
}) => {
  const load = await loader.loadLines(
    rawPartner,
    'contracted_on;partner;partner_kind',
    '2024-01-01;"a;b";spaceship',
    'x',
  )
  const [row, cut] = await quarantinedLines(db, [`${load.loadId}:2`, `${load.loadId}:3`])
  expect(row?.layout && cellsOfRecord(row.raw_text, row.layout)).toEqual(
    new Map([
      ['contracted_on', '2024-01-01'],
      ['partner', 'a;b'],
      ['partner_kind', 'spaceship'],
    ]),
  )
  expect(cut?.layout && cellsOfRecord(cut.raw_text, cut.layout)).toBe(null)
})

test('a number of a JSON row keeps the digits its file has', () => {
  const layout = { format: 'ndjson' as const, names: [] }
  const raw_text = '{"rate":12.50,"big":12345678901234567890,"on":null,"of":{"a":[1]}}'
  expect(Object.fromEntries(cellsOfRecord(raw_text, layout) ?? [])).toEqual({
    rate: '12.50',
    big: '12345678901234567890',
    on: '',
    of: '{"a":[1]}',
  })
})

test('the mendable file has the columns of the feed, which row a line is, and why', async ({
  loader,
  database,
}) => {
  const { loadId } = await loader.loadLines(
    rawPartner,
    'contracted_on,colour,partner,partner_kind',
    '2024-01-01,red,a,spaceship',
    '2024-01-01,red,b,bank',
    '2024-01-01,red,=cmd(),bnk',
    '2024-01-01,red',
    '"2024-01-01"x,red,c,bank',
  )
  const file = (await rowsOf(mendable(database, rawPartner))).join('')
  const unknown = (found: string, hint = '') =>
    `"partner_kind: found ""${found}"", expected one of ${hint}"`
  expect(file).toBe(
    `\uFEFFpartner,partner_kind,contracted_on,quarantine_row,quarantine_reason,quarantine_text\n` +
      `a,spaceship,2024-01-01,${loadId}:2,${unknown('spaceship', 'acquirer, wallet, bnpl, bank, points.')},\n` +
      `'=cmd(),bnk,2024-01-01,${loadId}:4,${unknown('bnk', 'bank, bnpl, points, wallet, acquirer. Did you mean bank?')},\n` +
      `,,,${loadId}:5,"found 2 cells, the last being ""red"", expected 4 cells, as in the header.","2024-01-01,red"\n` +
      `,,,${loadId}:6,"found text after a closing quote, expected the next column; a quote inside a quoted cell is written twice ("""").","""2024-01-01""x,red,c,bank"\n`,
  )
})

test('the mendable file of a wide feed is wide', async ({ loader, database }) => {
  const { loadId } = await loader.loadLines(rawFxRate, 'Date,USD,JPY,', '2026-10-14,1.1684,x,')
  const lines = await rowsOf(mendable(database, rawFxRate))
  expect(lines[0]).toBe('\uFEFFDate,USD,JPY,quarantine_row,quarantine_reason,quarantine_text\n')
  expect(lines[1]).toMatch(new RegExp(`^2026-10-14,1.1684,x,${loadId}:2,`))
})

test('the mendable file holds every row, however many there are', async ({ loader, database }) => {
  const rows = Array.from({ length: 4500 }, (_, i) => `p${i},spaceship,2024-01-01`)
  await loader.loadLines(rawPartner, header, ...rows)
  const [, ...lines] = await rowsOf(mendable(database, rawPartner))
  expect(lines.map((line) => line.split(',')[0])).toEqual(rows.map((_, i) => `p${i}`))
})

test('a refused file is counted and listed, and is no row to mend', async ({
  loader,
  db,
  database,
}) => {
  await sql`insert into raw.load (feed, file, sha256, bytes) values ('partner', 'x', 'y', 0)`.execute(
    db,
  )
  await sql`insert into raw.quarantine (load_id, line, feed, file, raw_text, reason, reasons)
    select load_id, 0, feed, file, '', 'x: the file is empty', '[]' from raw.load`.execute(db)
  expect(await quarantineCounts(db)).toMatchObject([{ rows: 0, reason: 'x: the file is empty' }])
  expect(await quarantinedFiles(db)).toMatchObject([{ file: 'x', rows: 0 }])
  expect(await rowsOf(mendable(database, rawPartner))).toHaveLength(1)
  expect(await loader.quarantine()).toHaveLength(1)
})
