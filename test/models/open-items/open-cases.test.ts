import { expect } from 'vitest'
import type * as z from 'zod'

import { refWatermark } from '#models/calendar/ref-watermark.ts'
import { factCaseCycle } from '#models/cases/fact-case-cycle.ts'
import { factOpenItemSnapshot } from '#models/open-items/fact-open-item-snapshot.ts'
import { rawCaseEvent } from '#pipelines/cases/case-event.ts'
import { test } from '#test/kit/database.ts'
import { build, land, rowsOf } from '#test/kit/rows.ts'

import { keepLedger } from '../fees/ledger.ts'

type Cycle = z.output<typeof factCaseCycle.contract>

const cycle = (
  case_id: string,
  cycle_no: number,
  started_on: string,
  rest: Partial<Cycle> = {},
) => ({
  case_id,
  cycle_no,
  case_type: 'appeal',
  marketplace: 'DE',
  queue: 'appeals_de',
  reason_code: 'counterfeit',
  level: 1,
  started_at: `${started_on}T12:00:00Z`,
  started_on,
  ...rest,
})

test('a case is in the backlog at the end of each Sunday that finds it open', async ({ db }) => {
  await keepLedger(db, {})
  await land(db, rawCaseEvent, [recordedOn('2026-01-29')])
  await build(db, refWatermark)
  const cycles = [
    cycle('decided on a Sunday', 1, '2026-01-05', { decided_on: '2026-01-18' }),
    cycle('decided on the day', 1, '2026-01-11', { decided_on: '2026-01-11' }),
    cycle('left at 23:30 in Berlin', 1, '2026-01-10', { left_at: '2026-01-11T22:30:00Z' }),
    cycle('left at 00:30 in Berlin', 1, '2026-01-10', { left_at: '2026-01-11T23:30:00Z' }),
    cycle('opened after', 1, '2026-01-29'),
    cycle('reopened', 1, '2026-01-05', { decided_on: '2026-01-12' }),
    cycle('reopened', 2, '2026-01-25'),
    cycle('reopened while open', 1, '2026-01-05'),
    cycle('reopened while open', 2, '2026-01-25'),
  ]
  for (const row of cycles) await db.insertInto('mart.fact_case_cycle').values(row).execute()

  const rows = await rowsOf(db, factOpenItemSnapshot)
  expect(rows.map((row) => [row.snapshot_date, row.item_id, row.age_days, row.bucket])).toEqual([
    ['2026-01-11', 'decided on a Sunday', 6, '3-7'],
    ['2026-01-11', 'left at 00:30 in Berlin', 1, '1-3'],
    ['2026-01-11', 'reopened', 6, '3-7'],
    ['2026-01-11', 'reopened while open', 6, '3-7'],
    ['2026-01-18', 'reopened while open', 13, '7-14'],
    ['2026-01-25', 'reopened', 0, '0-1'],
    ['2026-01-25', 'reopened while open', 0, '0-1'],
    ['2026-01-28', 'reopened', 3, '3-7'],
    ['2026-01-28', 'reopened while open', 3, '3-7'],
  ])
  expect(rows[0]).toEqual({
    snapshot_date: '2026-01-11',
    item_type: 'case',
    item_id: 'decided on a Sunday',
    marketplace: 'DE',
    category: null,
    fee_kind: null,
    queue: 'appeals_de',
    currency: null,
    age_days: 6,
    days_past_due: null,
    bucket: '3-7',
    balance_minor: null,
    balance_eur: null,
    is_disputed: false,
  })
})

/** An event of no case, that only moves the watermark to the day before. */
const recordedOn = (day: string) => ({
  source: 'case_desk',
  source_event_id: 'tick',
  case_id: 'none',
  event_type: 'assigned' as const,
  occurred_at: `${day}T12:00:00Z`,
  recorded_at: `${day}T12:00:00Z`,
  agent_id: null,
  decision: null,
  reason_code: null,
})
