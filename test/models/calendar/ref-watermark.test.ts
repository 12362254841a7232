import { expect } from 'vitest'

import { refWatermark } from '#models/calendar/ref-watermark.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'
import { test } from '#test/kit/database.ts'
import { land, rowsOf } from '#test/kit/rows.ts'

import { event, keepLedger } from '../fees/ledger.ts'

test('a day is over when it has ended in the last marketplace, here New York', async ({ db }) => {
  await keepLedger(db, { events: [event('charged', '2026-10-02T03:59:59Z', 1)] })
  expect(await rowsOf(db, refWatermark)).toMatchObject([{ feed: 'fees', as_of: '2026-09-30' }])

  await land(db, rawFeeEvent, [event('charged', '2026-10-02T04:00:00Z', 1)])
  expect(await rowsOf(db, refWatermark)).toMatchObject([{ feed: 'fees', as_of: '2026-10-01' }])
})

test('a week is complete 48 hours after its Sunday ended in the last marketplace', async ({
  db,
}) => {
  await keepLedger(db, { events: [event('charged', '2026-10-07T03:59:59Z', 1)] })
  expect(await rowsOf(db, refWatermark)).toEqual([
    {
      feed: 'fees',
      recorded_through: '2026-10-07T03:59:59Z',
      as_of: '2026-10-05',
      last_complete_week: '2026-09-21',
    },
  ])

  await land(db, rawFeeEvent, [event('charged', '2026-10-07T04:00:00Z', 1)])
  expect(await rowsOf(db, refWatermark)).toMatchObject([{ last_complete_week: '2026-09-28' }])
})
