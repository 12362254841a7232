import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect } from 'vitest'

import { putInInbox } from '#jobs/arrivals.ts'
import { inTransaction } from '#jobs/engine/transaction.ts'
import { inboxOf, newFiles } from '#jobs/inbox.ts'
import { quarantineCounts, quarantined } from '#jobs/quarantine.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'
import { test as base } from '#test/pipelines/load/feed-file.ts'

const header = 'partner,partner_kind,contracted_on'

const test = base.extend('inbox', ({ loader, database }) => {
  const home = { inbox: join(loader.folder, 'inbox') }
  const folder = join(home.inbox, 'partner')
  const { hasNews, intake } = inboxOf(home)
  mkdirSync(folder, { recursive: true })
  return {
    home,
    put: (name: string, ...lines: string[]) => {
      writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''))
      return join(folder, name)
    },
    hasNews: () => hasNews(database.db, rawPartner),
    waiting: () => newFiles(database.db, rawPartner, home.inbox),
    load: async (after: () => void = () => {}) => {
      const { db, pool } = database
      const fetched = await intake.fetch(rawPartner, { db, pool })
      return await inTransaction(pool, new AbortController().signal, async ({ tx, client }) => {
        const loaded = await intake.publish(tx, rawPartner, fetched, { client })
        after()
        return loaded
      })
    },
  }
})

test('files are loaded once, in the order of their names, and stay where they are', async ({
  inbox,
  loader,
}) => {
  inbox.put('b.csv', header, 'p,wallet,2024-01-01')
  inbox.put('a.csv', header, 'p,bank,2024-01-01')
  inbox.put('.hidden.csv', 'not a feed')
  expect(await inbox.hasNews()).toBe(true)
  expect(await inbox.load()).toMatchObject({ rows: 2, changed: true, metadata: { files: 2 } })
  expect(await loader.table(rawPartner)).toMatchObject([{ partner: 'p', partner_kind: 'wallet' }])
  expect(await inbox.hasNews()).toBe(false)
  expect(await inbox.load()).toMatchObject({ rows: 0, changed: false, metadata: { files: 0 } })
})

test('rows of a step that ended before its record was written are counted by the next', async ({
  inbox,
  loader,
}) => {
  inbox.put('a.csv', header, 'p,bank,2024-01-01')
  const crash = inbox.load(() => {
    throw new Error('the worker is gone')
  })
  await expect(crash).rejects.toThrow('the worker is gone')
  expect(await loader.table(rawPartner)).toHaveLength(1)
  expect(await inbox.hasNews()).toBe(true)
  expect(await inbox.load()).toMatchObject({
    rows: 1,
    changed: true,
    metadata: { rowsNew: 1, alreadyLoaded: [] },
  })
  expect(await inbox.hasNews()).toBe(false)
})

test('rows that were loaded and not counted are news even when their file is gone', async ({
  inbox,
  loader,
}) => {
  await loader.loadLines(rawPartner, header, 'p,bank,2024-01-01')
  expect(await inbox.hasNews()).toBe(true)
  expect(await inbox.load()).toMatchObject({ rows: 1, changed: true, metadata: { files: 0 } })
  await loader.loadLines(rawPartner, header, 'p,bank,2024-01-01', 'q,spaceship,2024-01-01')
  expect(await inbox.hasNews()).toBe(false)
})

test('a file that changed in place is looked at again; one with content that is known changes nothing', async ({
  inbox,
}) => {
  const path = inbox.put('a.csv', header, 'p,bank,2024-01-01')
  await inbox.load()
  utimesSync(path, 1, 1)
  inbox.put('copy.csv', header, 'p,bank,2024-01-01')
  expect((await inbox.waiting()).map(({ file }) => file)).toEqual(['a.csv', 'copy.csv'])
  expect(await inbox.load()).toMatchObject({
    changed: false,
    metadata: { alreadyLoaded: ['a.csv', 'copy.csv'] },
  })
  expect(await inbox.hasNews()).toBe(false)
})

test('a file that is refused does not stop the others, is listed with its reason and not tried again', async ({
  inbox,
  db,
}) => {
  inbox.put('1-empty.csv')
  inbox.put('2-good.csv', header, 'p,bank,2024-01-01', 'q,spaceship,2024-01-01')
  inbox.put('3-other.csv', 'colour', 'red')
  const { metadata, rows } = await inbox.load()
  expect(rows).toBe(1)
  expect(metadata.refused.map(({ file }) => file)).toEqual(['1-empty.csv', '3-other.csv'])
  expect(await inbox.hasNews()).toBe(false)

  const listed = await quarantined(db)
  expect(listed.map(({ file, line }) => ({ file, line }))).toEqual([
    { file: '3-other.csv', line: 0 },
    { file: '2-good.csv', line: 3 },
    { file: '1-empty.csv', line: 0 },
  ])
  expect(listed[2]?.reason).toBe(
    '1-empty.csv: the file is empty (0 bytes), expected a header and at least one row. ' +
      'What a partner feed must look like: npx recoup contracts partner',
  )
  expect(await quarantined(db, { feed: 'fee', limit: 5 })).toEqual([])
  expect(await quarantineCounts(db)).toMatchObject([
    { feed: 'partner', column: 'partner_kind', reasons: 1, rows: 1 },
    { feed: 'partner', column: null, rows: 0, reason: listed[2]?.reason },
    { feed: 'partner', column: null, rows: 0, reason: listed[0]?.reason },
  ])
})

test('a refused file that comes again once it is mended is loaded', async ({ inbox, loader }) => {
  inbox.put('a.csv', header)
  await inbox.load()
  inbox.put('a.csv', header, 'p,bank,2024-01-01')
  await inbox.load()
  expect(await loader.table(rawPartner)).toHaveLength(1)
})

test('two files of the same name, put in one after the other, are both loaded in that order', async ({
  inbox,
  loader,
}) => {
  const path = loader.write('mine.csv', `${header}\np,bank,2024-01-01\n`)
  await putInInbox(inbox.home, 'partner', path)
  loader.write('mine.csv', `${header}\np,wallet,2024-01-01\nq,wallet\n`)
  await putInInbox(inbox.home, 'partner', path)
  rmSync(path)
  expect(await inbox.load()).toMatchObject({ metadata: { files: 2, rowsRejected: 1 } })
  expect(await loader.table(rawPartner)).toMatchObject([{ partner_kind: 'wallet' }])
})

test('a rejected row names the file as its owner does', async ({ inbox, loader, db }) => {
  await putInInbox(inbox.home, 'partner', loader.write('mine.csv', `${header}\nq,wallet\n`))
  await inbox.load()
  expect(await quarantined(db)).toMatchObject([{ file: 'mine.csv', line: 2 }])
})
