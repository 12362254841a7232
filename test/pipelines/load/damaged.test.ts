import { gzipSync } from 'node:zlib'

import { expect } from 'vitest'

import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { rawPartner } from '#pipelines/reference/partner.ts'
import { arrowStream, arrowTable } from '#test/pipelines/read/formats.ts'

import { test } from './feed-file.ts'
import { messyFile } from './messy-file.ts'

test('of a file that is damaged half-way the rows before the damage stay, and the sentence counts them', async ({
  loader,
}) => {
  const partners = Array.from({ length: 20_000 }, (_, i) => ({
    partner: `p${i}`,
    partner_kind: i % 100 === 7 ? 'spaceship' : 'bank',
    contracted_on: '2024-01-01',
  }))
  const whole = arrowStream(arrowTable(partners, 1000))
  const path = loader.write('partners.arrow', whole.subarray(0, whole.length / 2))
  const load = await loader.load(rawPartner, path)
  const accepted = load.rowsRead - load.rowsRejected
  expect(accepted).toBeGreaterThan(5000)
  expect(load.refused).toContain(
    `${accepted.toLocaleString('en')} were loaded and ${load.rowsRejected} set aside; the rest was not.`,
  )
  expect(await loader.quarantine()).toContainEqual({ line: 0, raw_text: '', reason: load.refused })

  // The same again meets the same damage; nothing is loaded twice.
  const again = await loader.load(rawPartner, path)
  expect(again).toMatchObject({ rowsRead: load.rowsRead, refused: load.refused })

  const mended = await loader.load(rawPartner, loader.write('mended.arrow', whole))
  expect(mended).toMatchObject({ rowsRead: 20_000, rowsSame: accepted, refused: null })
  expect(await loader.table(rawPartner)).toHaveLength(19_800)
})

test('of a packed file that is damaged nothing is loaded: where its bytes are wrong shows only at its end', async ({
  loader,
}) => {
  const file = messyFile(60_000, 8)
  const whole = gzipSync(file.content, { level: 0 })
  // Another digit of an amount keeps the contract.
  const at = whole.indexOf(',1999,')
  whole[at + 1] = '2'.charCodeAt(0)
  const load = await loader.load(rawFeeEvent, loader.write('events.csv.gz', whole))
  expect(at).toBeGreaterThan(0)
  expect(load).toMatchObject({
    rowsRead: 0,
    refused: expect.stringContaining('incorrect data check'),
  })
  expect(load.refused).toMatch(/Nothing of it was loaded\.$/)
  expect(await loader.table(rawFeeEvent)).toEqual([])
})
