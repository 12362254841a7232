import { expect } from 'vitest'

import { factCaseCycle } from '#models/cases/fact-case-cycle.ts'
import { factCaseEvent } from '#models/cases/fact-case-event.ts'
import { factCase } from '#models/cases/fact-case.ts'
import { test } from '#test/kit/database.ts'
import { brokenChecks, build, rowsOf } from '#test/kit/rows.ts'

import { at, beforeCycles, caseModels, landCases } from './desk.ts'

test('an event after a reopening is of the next cycle, on its local day', async ({ db }) => {
  await landCases(db, {
    A: [
      at('2026-10-01T22:30Z', 'received'),
      at('2026-10-02T09:00Z', 'decided', {
        agent_id: 'G1',
        reason_code: 'original_wrong',
        decision: 'partial',
      }),
      at('2026-10-05T09:00Z', 'reopened'),
      at('2026-10-05T10:00Z', 'closed'),
    ],
  })
  await build(db, ...beforeCycles)
  const event = {
    source: 'case_desk',
    case_id: 'A',
    case_type: 'appeal',
    marketplace: 'DE',
    queue: 'appeals_de',
    reason_code: null,
    agent_id: null,
    decision: null,
  }
  expect(await rowsOf(db, factCaseEvent)).toEqual([
    {
      ...event,
      source_event_id: 'A/0',
      event_type: 'received',
      cycle_no: 1,
      business_date: '2026-10-02',
      occurred_at: '2026-10-01T22:30:00Z',
      recorded_at: '2026-10-01T22:30:00Z',
    },
    {
      ...event,
      source_event_id: 'A/1',
      event_type: 'decided',
      cycle_no: 1,
      business_date: '2026-10-02',
      occurred_at: '2026-10-02T09:00:00Z',
      recorded_at: '2026-10-02T09:00:00Z',
      agent_id: 'G1',
      reason_code: 'original_wrong',
      decision: 'partial',
    },
    {
      ...event,
      source_event_id: 'A/2',
      event_type: 'reopened',
      cycle_no: 2,
      business_date: '2026-10-05',
      occurred_at: '2026-10-05T09:00:00Z',
      recorded_at: '2026-10-05T09:00:00Z',
    },
    {
      ...event,
      source_event_id: 'A/3',
      event_type: 'closed',
      cycle_no: 2,
      business_date: '2026-10-05',
      occurred_at: '2026-10-05T10:00:00Z',
      recorded_at: '2026-10-05T10:00:00Z',
    },
  ])
})

test('a case is received once, its first decision stands, and a reopening is counted', async ({
  db,
}) => {
  await landCases(db, {
    A: [
      at('2026-10-01T22:30Z', 'received'),
      at('2026-10-01T22:31Z', 'auto_acknowledged'),
      at('2026-10-02T08:00Z', 'first_response'),
      at('2026-10-02T22:30Z', 'decided'),
      at('2026-10-03T09:00Z', 'closed'),
      at('2026-10-05T09:00Z', 'reopened'),
      at('2026-10-06T09:00Z', 'decided', { decision: 'overturned' }),
    ],
  })
  await build(db, ...caseModels)
  expect(await rowsOf(db, factCase)).toEqual([
    {
      case_id: 'A',
      case_type: 'appeal',
      level: 1,
      parent_case_id: null,
      marketplace: 'DE',
      seller_id: 'S1',
      queue: 'appeals_de',
      reason_code: 'counterfeit',
      received_at: '2026-10-01T22:30:00Z',
      received_on: '2026-10-02',
      first_response_at: '2026-10-02T08:00:00Z',
      decided_at: '2026-10-02T22:30:00Z',
      decided_on: '2026-10-03',
      closed_at: null,
      withdrawn_at: null,
      invalid_at: null,
      decision: 'upheld',
      reopen_count: 1,
      decision_seconds: 86_400,
      open_seconds: null,
    },
  ])
  expect(await brokenChecks(db, factCase)).toEqual({})
})

test('an undecided case has waited until the last record; one that left waits no more', async ({
  db,
}) => {
  const received = at('2026-10-30T00:00Z', 'received')
  await landCases(db, {
    A: [received],
    B: [received, at('2026-10-30T01:00Z', 'withdrawn')],
    C: [received, at('2026-10-30T01:00Z', 'merged')],
    D: [received, at('2026-10-30T01:00Z', 'withdrawn'), at('2026-10-30T02:00Z', 'reopened')],
    E: [at('2026-10-30T01:00Z', 'assigned')],
  })
  await build(db, ...caseModels)
  expect(await rowsOf(db, factCase)).toMatchObject([
    { case_id: 'A', decision_seconds: null, open_seconds: 86_400 },
    {
      case_id: 'B',
      decision_seconds: null,
      open_seconds: null,
      withdrawn_at: '2026-10-30T01:00:00Z',
    },
    {
      case_id: 'C',
      decision_seconds: null,
      open_seconds: null,
      invalid_at: '2026-10-30T01:00:00Z',
    },
    { case_id: 'D', decision_seconds: null, open_seconds: 86_400, reopen_count: 1 },
  ])
})

test('received + reopened - decided - left = open cycles, or the build fails', async ({ db }) => {
  const received = at('2026-10-01T09:00Z', 'received')
  await landCases(db, {
    open: [received],
    decided: [received, at('2026-10-02T09:00Z', 'decided'), at('2026-10-02T10:00Z', 'decided')],
    reopened: [received, at('2026-10-02T09:00Z', 'decided'), at('2026-10-03T09:00Z', 'reopened')],
    left: [received, at('2026-10-02T09:00Z', 'withdrawn'), at('2026-10-02T10:00Z', 'decided')],
    neverReceived: [at('2026-10-02T09:00Z', 'reopened')],
  })
  await build(db, ...beforeCycles, factCaseCycle)
  expect(await brokenChecks(db, factCaseCycle)).toEqual({})

  await db.deleteFrom('mart.fact_case_cycle').where('case_id', '=', 'open').execute()
  await db
    .updateTable('mart.fact_case_cycle')
    .set({ decided_at: null })
    .where('case_id', '=', 'decided')
    .execute()
  expect(await brokenChecks(db, factCaseCycle)).toEqual({
    'received + reopened - decided - left = open cycles': expect.toSatisfy(
      (rows: { case_id: string }[]) =>
        ['decided', 'open'].every((id) => rows.some((row) => row.case_id === id)) &&
        rows.length === 2,
    ),
  })
})

test('what a desk should not send is told', async ({ db }) => {
  const received = at('2026-10-01T09:00Z', 'received')
  await landCases(db, {
    twice: [received, at('2026-10-01T10:00Z', 'received')],
    never: [at('2026-10-01T10:00Z', 'assigned')],
    mute: [received, at('2026-10-01T10:00Z', 'decided', { decision: null, reason_code: 'X9' })],
    reopenedOpen: [received, at('2026-10-02T10:00Z', 'reopened')],
    early: [received, at('2026-10-01T08:00Z', 'decided')],
  })
  await db
    .updateTable('raw.case')
    .set({ reason_code: 'X8' })
    .where('case_id', '=', 'twice')
    .execute()
  await build(db, ...caseModels)
  expect(await brokenChecks(db, factCaseEvent)).toEqual({
    'every case event belongs to a case we know': [
      {
        source: 'case_desk',
        source_event_id: 'unknown/0',
        case_id: 'unknown',
        event_type: 'assigned',
      },
    ],
    'a case is received once': [{ case_id: 'twice', receipts: 2 }],
    'a case that something happens to was received': [{ case_id: 'never', events: 1 }],
    'a decided event says what was decided': [
      { source: 'case_desk', source_event_id: 'mute/1', case_id: 'mute' },
    ],
    'every decision has a reason code we know': [{ reason_code: 'X9', decisions: 1 }],
  })
  expect(await brokenChecks(db, factCaseCycle)).toEqual({
    'a case is reopened only after it was decided or had left': [
      { case_id: 'reopenedOpen', cycle_no: 1, reopened_at: '2026-10-02T10:00:00Z' },
    ],
  })
  expect(await brokenChecks(db, factCase)).toEqual({
    'every case has a reason code we know': [{ reason_code: 'X8', cases: 1 }],
    'no case is decided before it was received': [
      { case_id: 'early', received_at: '2026-10-01T09:00:00Z', decided_at: '2026-10-01T08:00:00Z' },
    ],
  })
})
