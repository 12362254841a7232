import { gzipSync } from 'node:zlib'

import { expect } from 'vitest'

import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'

import { test } from './feed-file.ts'
import { messyFile } from './messy-file.ts'

test('of a file that is damaged half-way the rows before the damage stay, and the sentence counts them', async ({
  loader,
  database: { pool },
}) => {
  const file = messyFile(20_000, 8)
  const whole = gzipSync(file.content)
  const path = loader.write('events.csv.gz', whole.subarray(0, whole.length / 2))
  const load = await loader.load(rawFeeEvent, path)
  const accepted = load.rowsRead - load.rowsRejected
  expect(accepted).toBeGreaterThan(1000)
  expect(load.refused).toContain(`${accepted.toLocaleString('en')} were loaded`)
  expect(await loader.quarantine()).toContainEqual({
    line: 0,
    raw_text: '',
    reason: load.refused,
  })

  // The same again meets the same damage; nothing is loaded twice.
  const again = await loader.load(rawFeeEvent, path)
  expect(again).toMatchObject({ rowsRead: load.rowsRead, refused: load.refused })

  const mended = await loader.load(rawFeeEvent, loader.write('mended.csv.gz', whole))
  expect(mended).toMatchObject({ rowsRead: file.rows, refused: null })
  expect(mended.rowsSame + mended.rowsNewer).toBeGreaterThanOrEqual(accepted)
  const { rows } = await pool.query('select count(*) from raw.fee_event')
  expect(rows).toEqual([{ count: file.events }])
})
