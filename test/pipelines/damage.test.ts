import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, describe, expect, test } from 'vitest'

import type { Source } from '#kit/asset.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'
import { createDatabase } from '#test/kit/database.ts'

import { damagedCells } from './damage/cells.ts'
import { refusedFiles } from './damage/files.ts'
import { damagedLines } from './damage/lines.ts'
import { example, loaderIn } from './load/feed-file.ts'

/** The feeds of the damaged cells, each with the column that tells three rows apart. */
const keys: Record<string, string> = {
  'raw.fee_event': 'source_event_id',
  'raw.fee': 'fee_id',
  'raw.rate_card': 'rate_card',
  'raw.sla_policy': 'policy',
}

// So many small files share a warehouse that is emptied after each.
const database = await createDatabase()
const folder = mkdtempSync(join(tmpdir(), 'recoup-feed-'))
const loader = loaderIn(folder, database)
const filled = [...Object.keys(keys), rawPartner.name, 'raw.load', 'raw.quarantine']
afterEach(() => database.pool.query(`truncate ${filled.join(', ')}`))
afterAll(async () => {
  await database.close()
  rmSync(folder, { recursive: true })
})

describe('a damaged cell costs its row, is told in a sentence, and the rows around it load', () => {
  test.for(damagedCells.map((row) => [row.kind, row] as const))(
    '%s',
    async ([, { source, column, cell, told, ...kept }]) => {
      const key = keys[source.name] ?? ''
      const row = (name: string, changes = {}) => example(source, { [key]: name, ...changes })[1]
      const damaged = row('b', { [column]: cell })
      const lines = [row('a'), damaged, row('c')]
      const load = await loader.loadLines(source, headerOf(source), ...lines)

      const isKept = told === undefined
      expect(load).toMatchObject({ rowsRead: 3, rowsNew: isKept ? 3 : 2 })
      const table = (await loader.table(source)) as Record<string, unknown>[]
      expect(table.filter((other) => other[key] !== 'b')).toHaveLength(2)
      const stored = table.find((each) => each[key] === 'b')?.[column]
      expect(stored).toBe(isKept ? kept.stored : undefined)
      expect(await loader.quarantine()).toEqual(
        isKept ? [] : [{ line: 3, raw_text: damaged.replaceAll('\0', '\u2400'), reason: told }],
      )
    },
  )
})

describe('damaged lines are set aside with their text and a sentence, and the rest loads', () => {
  test.for(damagedLines.map((row) => [row.kind, row] as const))(
    '%s',
    async ([, { content, loads, aside = [] }]) => {
      const load = await loader.load(rawPartner, loader.write('partners.csv', content))
      const rows = (await loader.table(rawPartner)) as Record<string, string>[]
      expect(Object.fromEntries(rows.map((row) => [row.partner, row.partner_kind]))).toEqual(loads)
      const found = await loader.quarantine()
      expect(found.map(({ line, reason }) => ({ line, reason }))).toEqual(
        aside.map(({ line, told }) => ({ line, reason: told })),
      )
      const texts = aside.map(({ raw }, at) => raw ?? found[at]?.raw_text)
      expect(found.map(({ raw_text: text }) => text)).toEqual(texts)
      const { rowsRead, rowsNew, rowsNewer, rowsSame, rowsRejected } = load
      expect(rowsNew + rowsNewer + rowsSame + rowsRejected).toBe(rowsRead)
      expect(rowsRejected).toBe(aside.length)
    },
  )
})

describe('a file that cannot be read as the feed is refused with a sentence', () => {
  test.for(refusedFiles)('%s', async ([, content, told, loaded = 0]) => {
    const load = await loader.load(rawPartner, loader.write('partners.csv', content))
    expect(load.refused).toBe(`partners.csv: ${told}`)
    expect(load).toMatchObject({ rowsRead: loaded, rowsNew: loaded })
    expect(await loader.table(rawPartner)).toHaveLength(loaded)
    expect(await loader.quarantine()).toEqual([{ line: 0, raw_text: '', reason: load.refused }])
  })
})

function headerOf(source: Source): string {
  return example(source)[0]
}
