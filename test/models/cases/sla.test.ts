import { describe, expect } from 'vitest'

import { factCaseCycle } from '#models/cases/fact-case-cycle.ts'
import { test, type TestDatabase } from '#test/kit/database.ts'
import { brokenChecks, build, rowsOf } from '#test/kit/rows.ts'

import { at, beforeCycles, landCases } from './desk.ts'

type Landed = Parameters<typeof landCases>

const hour = 3600
const day = 24 * hour

/** State and elapsed seconds of each cycle, as `C1: met 3600`. */
async function slaOf(db: TestDatabase['db'], cases: Landed[1], policy: Landed[2] = {}) {
  await landCases(db, cases, policy)
  await build(db, ...beforeCycles)
  const rows = await rowsOf(db, factCaseCycle)
  await build(db, factCaseCycle)
  const { 'every case event belongs to a case we know': _, ...broken } = await brokenChecks(
    db,
    factCaseCycle,
  )
  expect(broken).toEqual({})
  return rows.map((row) => `${row.case_id}${row.cycle_no}: ${row.sla_state} ${row.elapsed_seconds}`)
}

describe('by the calendar clock', () => {
  test('a decision on the last second of the target meets it, one second later misses it', async ({
    db,
  }) => {
    const received = at('2026-10-01T09:00Z', 'received')
    expect(
      await slaOf(db, {
        A: [received, at('2026-10-04T09:00Z', 'decided')],
        B: [
          received,
          { ...at('2026-10-04T09:00Z', 'decided'), occurred_at: '2026-10-04T09:00:01Z' },
        ],
      }),
    ).toEqual([`A1: met ${3 * day}`, `B1: missed ${3 * day + 1}`])
  })

  test('an overdue case that nobody decided is missed, a young one pending', async ({ db }) => {
    expect(
      await slaOf(db, {
        A: [at('2026-10-27T00:00Z', 'received')],
        B: [at('2026-10-28T00:00Z', 'received')],
      }),
    ).toEqual([`A1: missed ${4 * day}`, `B1: pending ${3 * day}`])
  })

  test('a case that was withdrawn, invalid or merged leaves the SLA', async ({ db }) => {
    const received = at('2026-10-01T09:00Z', 'received')
    expect(
      await slaOf(db, {
        A: [received, at('2026-10-20T09:00Z', 'withdrawn')],
        B: [received, at('2026-10-01T10:00Z', 'invalid')],
        C: [received, at('2026-10-01T10:00Z', 'merged')],
        // What comes first ends the cycle.
        D: [received, at('2026-10-01T10:00Z', 'decided'), at('2026-10-01T11:00Z', 'withdrawn')],
        E: [received, at('2026-10-01T10:00Z', 'withdrawn'), at('2026-10-01T11:00Z', 'decided')],
      }),
    ).toEqual([
      'A1: null null',
      'B1: null null',
      'C1: null null',
      `D1: met ${hour}`,
      'E1: null null',
    ])
  })

  test('a reopening starts a cycle with a clock of its own', async ({ db }) => {
    await landCases(db, {
      A: [
        at('2026-10-01T09:00Z', 'received'),
        at('2026-10-02T09:00Z', 'decided'),
        at('2026-10-20T22:30Z', 'reopened'),
        at('2026-10-21T22:30Z', 'decided', { decision: 'overturned' }),
      ],
    })
    await build(db, ...beforeCycles)
    const cycle = {
      case_id: 'A',
      case_type: 'appeal',
      marketplace: 'DE',
      queue: 'appeals_de',
      reason_code: 'counterfeit',
      level: 1,
      policy: 'three_days',
      clock: 'calendar',
      target_seconds: 3 * day,
      elapsed_seconds: day,
      sla_state: 'met',
      left_at: null,
    }
    expect(await rowsOf(db, factCaseCycle)).toEqual([
      {
        ...cycle,
        cycle_no: 1,
        started_at: '2026-10-01T09:00:00Z',
        started_on: '2026-10-01',
        decided_at: '2026-10-02T09:00:00Z',
        decided_on: '2026-10-02',
        decision: 'upheld',
      },
      {
        ...cycle,
        cycle_no: 2,
        started_at: '2026-10-20T22:30:00Z',
        started_on: '2026-10-21',
        decided_at: '2026-10-21T22:30:00Z',
        decided_on: '2026-10-22',
        decision: 'overturned',
      },
    ])
  })

  test('a case of a queue without a policy is in no SLA, and a check tells', async ({ db }) => {
    await landCases(db, { A: [at('2026-10-01T09:00Z', 'received')] }, { valid_from: '2026-10-02' })
    await build(db, ...beforeCycles, factCaseCycle)
    expect(await rowsOf(db, factCaseCycle)).toMatchObject([
      { policy: null, clock: null, target_seconds: null, elapsed_seconds: null, sla_state: null },
    ])
    expect(await brokenChecks(db, factCaseCycle)).toEqual({
      'every cycle has an SLA policy': [{ case_type: 'appeal', queue: 'appeals_de', cycles: 1 }],
    })
  })
})

describe('while waiting on the seller', () => {
  const waiting = {
    A: [
      at('2026-10-01T09:00Z', 'received'),
      at('2026-10-01T10:00Z', 'paused'),
      at('2026-10-05T10:00Z', 'resumed'),
      at('2026-10-05T11:00Z', 'decided'),
    ],
    // Paused twice in a row, then never resumed.
    B: [
      at('2026-10-01T09:00Z', 'received'),
      at('2026-10-01T10:00Z', 'paused'),
      at('2026-10-01T12:00Z', 'paused'),
      at('2026-10-01T13:00Z', 'resumed'),
      at('2026-10-01T14:00Z', 'paused'),
    ],
    // Resumed without a pause, decided while paused.
    C: [
      at('2026-10-01T09:00Z', 'received'),
      at('2026-10-01T09:30Z', 'resumed'),
      at('2026-10-01T10:00Z', 'paused'),
      at('2026-10-01T11:00Z', 'decided'),
      at('2026-10-01T12:00Z', 'resumed'),
    ],
  }

  test('the clock stands still when the policy says so', async ({ db }) => {
    expect(await slaOf(db, waiting, { pauses_while_waiting: true })).toEqual([
      `A1: met ${2 * hour}`,
      `B1: pending ${2 * hour}`,
      `C1: met ${hour}`,
    ])
  })

  test('the clock goes on when it does not', async ({ db }) => {
    expect(await slaOf(db, waiting)).toEqual([
      `A1: missed ${4 * day + 2 * hour}`,
      `B1: missed ${29 * day + 15 * hour}`,
      `C1: met ${2 * hour}`,
    ])
  })

  test('a pause of the first cycle does not reach into the second', async ({ db }) => {
    const cases = {
      A: [
        at('2026-10-01T09:00Z', 'received'),
        at('2026-10-01T10:00Z', 'paused'),
        at('2026-10-02T09:00Z', 'decided'),
        at('2026-10-05T09:00Z', 'reopened'),
        at('2026-10-05T15:00Z', 'decided'),
      ],
    }
    expect(await slaOf(db, cases, { pauses_while_waiting: true })).toEqual([
      `A1: met ${hour}`,
      `A2: met ${6 * hour}`,
    ])
  })
})

describe('by the business clock of an office open 08:00-18:00 in Berlin', () => {
  const business = { clock: 'business', calendar: 'office', target_seconds: 20 * hour } as const

  test('only open hours count: not the night, the weekend or a holiday', async ({ db }) => {
    expect(
      await slaOf(
        db,
        {
          // Friday 17:00 to Tuesday 09:00, Monday being a holiday.
          A: [at('2026-10-16T15:00Z', 'received'), at('2026-10-20T07:00Z', 'decided')],
          // Within one opening.
          B: [at('2026-10-14T07:00Z', 'received'), at('2026-10-14T07:20Z', 'decided')],
          // Received and decided on the weekend.
          C: [at('2026-10-17T07:00Z', 'received'), at('2026-10-18T07:20Z', 'decided')],
          // Over the weekend of 24-25 October, when Berlin leaves summer time: Friday 17:00 to Monday 09:00.
          D: [at('2026-10-23T15:00Z', 'received'), at('2026-10-26T08:00Z', 'decided')],
        },
        business,
      ),
    ).toEqual([`A1: met ${2 * hour}`, `B1: met ${hour / 3}`, 'C1: met 0', `D1: met ${2 * hour}`])
  })

  test('a pause takes away only open hours', async ({ db }) => {
    const cases = {
      A: [
        at('2026-10-14T07:00Z', 'received'),
        at('2026-10-14T15:00Z', 'paused'),
        at('2026-10-15T07:00Z', 'resumed'),
        at('2026-10-15T15:00Z', 'decided'),
      ],
    }
    expect(await slaOf(db, cases, { ...business, pauses_while_waiting: true })).toEqual([
      `A1: met ${16 * hour}`,
    ])
  })

  test('a calendar that ends before the newest case breaks a check', async ({ db }) => {
    await landCases(db, { A: [at('2026-10-14T07:00Z', 'received')] }, business)
    await db.deleteFrom('raw.calendar_day').where('day', '>', '2026-10-14').execute()
    await build(db, ...beforeCycles, factCaseCycle)
    expect(await brokenChecks(db, factCaseCycle)).toMatchObject({
      'the calendar of a business clock reaches the newest case': [
        { policy: 'three_days', last_open_day: '2026-10-14' },
      ],
    })
  })
})
