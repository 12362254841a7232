import { Readable } from 'node:stream'

import { sql } from 'kysely'
import { expect } from 'vitest'

import { mendable } from '#jobs/mendable.ts'
import type { Source } from '#kit/asset.ts'
import { code } from '#kit/columns.ts'
import { replayQuarantine } from '#kit/load/replay.ts'
import { validateFile } from '#kit/validate.ts'
import { rawFxRate } from '#pipelines/reference/fx-rate.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'

import { test as base } from '#test/pipelines/load/feed-file.ts'

const header = 'partner,partner_kind,contracted_on'
const day = '2024-01-01'

const test = base.extend('mend', ({ loader, database }) => {
  const { db } = database
  let files = 0
  return {
    /** Exports the quarantine of a feed, lets somebody edit the text, and loads it. */
    async roundTrip(source: Source, edit: (text: string) => string) {
      const lines = await Readable.from(mendable(database, source)).toArray()
      const path = loader.write(`mended-${++files}.csv`, edit(lines.join('')))
      return { path, load: await loader.load(source, path) }
    },
    async inQuarantine() {
      const { rows } = await sql<{ row: string }>`
        select load_id || ':' || line as row from raw.quarantine order by load_id, line`.execute(db)
      return rows.map(({ row }) => row)
    },
    /** Loads whose counts do not add up, or differ from what is in quarantine. */
    async wrongBooks() {
      const { rows } = await sql`
        select * from raw.load
        where rows_read <> rows_new + rows_newer + rows_same + rows_rejected
           or rows_rejected <> (select count(*) from raw.quarantine where load_id = load.load_id)`.execute(
        db,
      )
      return rows
    },
  }
})

test('a row that is mended lands, and leaves the quarantine with it', async ({ loader, mend }) => {
  await loader.loadLines(
    rawPartner,
    header,
    `a,spaceship,${day}`,
    `b,bank,${day}`,
    `c,spaceship,${day}`,
  )
  const { load } = await mend.roundTrip(rawPartner, (text) =>
    text.replace('a,spaceship', 'a,wallet'),
  )
  expect(load).toMatchObject({ rowsRead: 2, rowsNew: 1, rowsRejected: 1, ignoredColumns: [] })
  expect(await loader.table(rawPartner)).toMatchObject([
    { partner: 'a', partner_kind: 'wallet' },
    { partner: 'b', partner_kind: 'bank' },
  ])
  // The row that is still wrong is there as it came, and as it was sent again.
  expect(await mend.inQuarantine()).toEqual(['1:4', '2:3'])
  expect(await mend.wrongBooks()).toEqual([])
})

test('once a row is accepted, its earlier attempts leave the quarantine too', async ({
  loader,
  mend,
}) => {
  await loader.loadLines(rawPartner, header, `a,spaceship,${day}`)
  await mend.roundTrip(rawPartner, (text) => text.replace('spaceship', 'spoceship'))
  await mend.roundTrip(rawPartner, (text) => text.replaceAll(/sp.ceship/g, 'spuceship'))
  // The row as it came, and the last attempt.
  expect(await mend.inQuarantine()).toEqual(['1:2', '3:2'])
  await mend.roundTrip(rawPartner, (text) => text.replace('spuceship', 'bank'))
  expect(await mend.inQuarantine()).toEqual([])
  expect(await loader.table(rawPartner)).toMatchObject([{ partner_kind: 'bank' }])
  expect(await mend.wrongBooks()).toEqual([])
})

test('text that a spreadsheet would run comes back to the letter', async ({ loader, mend }) => {
  const names = ['=1+1', '+49', '-x', '@b', "'=c", "O'Brien", ' =d', '-5']
  await loader.loadLines(rawPartner, header, ...names.map((name) => `${name},spaceship,${day}`))
  await mend.roundTrip(rawPartner, (text) => {
    expect(text).toMatch(/\n'=1\+1,.*\n'\+49,.*\n'-x,.*\n'@b,.*\n''=c,.*\nO'Brien,.*\n' =d,.*\n-5,/)
    return text.replaceAll('spaceship,', 'bank,')
  })
  const rows = (await loader.table(rawPartner)) as { partner: string }[]
  expect(rows.map(({ partner }) => partner).sort()).toEqual([...names].sort())
  expect(await mend.inQuarantine()).toEqual([])
})

test('a spreadsheet may write semicolons, CRLF and another order of columns', async ({
  loader,
  mend,
}) => {
  await loader.loadLines(rawPartner, header, `a,spaceship,${day}`)
  await mend.roundTrip(
    rawPartner,
    () => `quarantine_row;contracted_on;partner;partner_kind\r\n1:2;${day};a;bank\r\n`,
  )
  expect(await mend.inQuarantine()).toEqual([])
})

test('a line that could not be read is not accepted until its cells are filled in', async ({
  loader,
  mend,
}) => {
  await loader.loadLines(rawPartner, header, `a,bank,${day},x`)
  const unmended = await mend.roundTrip(rawPartner, (text) => text)
  expect(unmended.load).toMatchObject({ rowsNew: 0, rowsRejected: 1 })
  await mend.roundTrip(rawPartner, (text) => text.replace(',,,1:2', `a,bank,${day},1:2`))
  expect(await mend.inQuarantine()).toEqual([])
})

test('a wide line leaves the quarantine once each of its rows is accepted', async ({
  loader,
  mend,
}) => {
  await loader.loadLines(rawFxRate, 'Date,USD,JPY', '2026-10-14,x,y')
  await mend.roundTrip(rawFxRate, (text) => text.replace(',x,', ',1.1,'))
  expect(await mend.inQuarantine()).toEqual(['1:2', '2:2'])
  await mend.roundTrip(rawFxRate, (text) => text.replace(',y,', ',186.7,'))
  expect(await mend.inQuarantine()).toEqual([])
  expect(await loader.table(rawFxRate)).toHaveLength(2)
})

test('a row of another feed, a refused file and nonsense are not taken out', async ({
  loader,
  mend,
}) => {
  await loader.loadLines(rawFxRate, 'Date,USD', '2026-10-14,x')
  await loader.load(rawPartner, loader.write('empty.csv', ''))
  const names = ['1:2', '2:0', 'x', '', '99999999999999999999:1', "1:2'; --"]
  await loader.loadLines(
    rawPartner,
    `${header},quarantine_row`,
    ...names.map((name, i) => `p${i},bank,${day},${name}`),
  )
  expect(await mend.inQuarantine()).toEqual(['1:2', '2:0'])
  expect(await loader.table(rawPartner)).toHaveLength(names.length)
})

test('a mended line that is replayed later still takes out what it was meant for', async ({
  loader,
  mend,
  database,
}) => {
  await loader.loadLines(rawPartner, header, `=a,spaceship,${day}`)
  await mend.roundTrip(rawPartner, (text) => text.replace('spaceship', 'moonship'))
  const spaceships = { ...rawPartner, contract: moonshipsToo }
  await replayQuarantine(database.pool, spaceships)
  expect(await mend.inQuarantine()).toEqual([])
  expect(await loader.table(rawPartner)).toMatchObject([
    { partner: '=a', partner_kind: 'moonship' },
  ])
  expect(await mend.wrongBooks()).toEqual([])
})

test('validate judges a mended file as a load would', async ({ loader, mend }) => {
  await loader.loadLines(rawPartner, header, `=a,spaceship,${day}`, `=b,spaceship,${day}`)
  const { path } = await mend.roundTrip(rawPartner, (text) => text.replace('spaceship', 'bank'))
  expect(await validateFile(rawPartner, path)).toMatchObject({
    accepted: 1,
    rejected: 1,
    ignoredColumns: [],
  })
})

const kinds = ['acquirer', 'wallet', 'bnpl', 'bank', 'points', 'moonship'] as const
const moonshipsToo = rawPartner.contract.extend({ partner_kind: code(kinds) })
