import { describe, expect } from 'vitest'

import { factContact } from '#models/contacts/fact-contact.ts'
import { test, type TestDatabase } from '#test/kit/database.ts'
import { brokenChecks, build, rowsOf } from '#test/kit/rows.ts'

import { contact, landContacts } from './desk.ts'

type Db = TestDatabase['db']

const facts = async (db: Db) =>
  (await rowsOf(db, factContact)).filter((row) => row.source_event_id !== 'last')

test('a contact belongs to its local day, its reason group and the agent as of that day', async ({
  db,
}) => {
  const {
    concurrent_sessions: _,
    recorded_at: __,
    ...before
  } = contact('a', { offered_at: '2026-10-19T21:59:59Z' })
  const after = {
    ...before,
    source_event_id: 'b',
    offered_at: '2026-10-19T22:00:00Z',
    customer_id: 'U2',
    answered_at: null,
  }
  await landContacts(db, [contact('a', before), contact('b', after)])
  const common = {
    reason_group: 'decline',
    is_avoidable: true,
    is_counted: true,
    is_issue: true,
    is_mature_7d: true,
    is_resolved_first: true,
    is_repeat_7d: false,
    cost_eur: '0',
  }
  expect(await facts(db)).toEqual([
    {
      ...before,
      ...common,
      business_date: '2026-10-19',
      agent_key: 'A1@2026-09-01',
      shore: 'onshore',
      is_handled: true,
      handle_seconds: '100.000000',
      is_cost_provisional: true,
    },
    {
      ...after,
      ...common,
      business_date: '2026-10-20',
      agent_key: 'A1@2026-10-20',
      shore: 'offshore',
      is_handled: false,
      handle_seconds: '0',
      is_cost_provisional: false,
    },
  ])
})

test('the first row of an agent holds for all time before it', async ({ db }) => {
  await landContacts(db, [contact('a', { offered_at: '2026-08-01T10:00:00Z' })])
  expect(await facts(db)).toMatchObject([{ agent_key: 'A1@2026-09-01' }])
})

test.for([
  ['an abandoned call', { answered_at: null }, true, false],
  ['a bot', { channel: 'bot', site: null, agent_id: null, answered_at: null }, true, false],
  ['a bot that says it answered', { channel: 'bot' }, true, false],
  ['an email', { channel: 'email' }, true, true],
  ['spam', { is_spam: true }, false, false],
  ['an outbound call', { direction: 'outbound' }, false, false],
] as const)('%s', async ([, what, is_counted, is_handled], { db }) => {
  await landContacts(db, [contact('a', what)])
  expect(await facts(db)).toMatchObject([
    {
      is_counted,
      is_handled,
      is_issue: is_counted,
      is_resolved_first: is_counted,
      handle_seconds: is_handled ? '100.000000' : '0',
    },
  ])
})

describe('a first contact', () => {
  /** Which contacts open an issue, settle it, or repeat one: `a: issue resolved`. */
  const issues = async (db: Db) =>
    (await facts(db)).map((row) =>
      [
        `${row.source_event_id}:`,
        row.is_issue && 'issue',
        row.is_resolved_first && 'resolved',
        row.is_repeat_7d && 'repeat',
      ]
        .filter(Boolean)
        .join(' '),
    )

  test('is not the last when the customer comes again in exactly 7 days, though that opens an issue', async ({
    db,
  }) => {
    await landContacts(db, [contact('a'), contact('b', { offered_at: '2026-10-21T10:00:00Z' })])
    expect(await issues(db)).toEqual(['a: issue', 'b: issue resolved'])
  })

  test('is repeated by one a second before 7 days are over', async ({ db }) => {
    await landContacts(db, [contact('a'), contact('b', { offered_at: '2026-10-21T09:59:59Z' })])
    expect(await issues(db)).toEqual(['a: issue', 'b: repeat'])
  })

  test('settles its issue when the next comes a second after 7 days', async ({ db }) => {
    await landContacts(db, [contact('a'), contact('b', { offered_at: '2026-10-21T10:00:01Z' })])
    expect(await issues(db)).toEqual(['a: issue resolved', 'b: issue resolved'])
  })

  test('has 7 times 24 hours, also when the clocks change', async ({ db }) => {
    await landContacts(db, [
      contact('a', { offered_at: '2026-10-20T10:00:00Z' }),
      contact('b', { offered_at: '2026-10-27T10:30:00Z' }),
    ])
    expect(await issues(db)).toEqual(['a: issue resolved', 'b: issue resolved'])
  })

  test('is followed also on another channel, for another code of the same group', async ({
    db,
  }) => {
    await landContacts(db, [
      contact('a'),
      contact('b', {
        offered_at: '2026-10-15T10:00:00Z',
        channel: 'bot',
        reason_code: '3ds_failed',
      }),
    ])
    expect(await issues(db)).toEqual(['a: issue', 'b: repeat'])
  })

  test('is not followed by another customer, another group, spam or our own call', async ({
    db,
  }) => {
    const next = { offered_at: '2026-10-15T10:00:00Z' }
    await landContacts(db, [
      contact('a'),
      contact('b', { ...next, customer_id: 'U2' }),
      contact('c', { ...next, reason_code: 'where_refund' }),
      contact('d', { ...next, is_spam: true }),
      contact('e', { ...next, direction: 'outbound' }),
    ])
    expect(await issues(db)).toEqual([
      'a: issue resolved',
      'b: issue resolved',
      'c: issue resolved',
      'd:',
      'e:',
    ])
  })

  test('of two at one instant is the one with the smaller id', async ({ db }) => {
    await landContacts(db, [contact('b'), contact('a')])
    expect(await issues(db)).toEqual(['a: issue', 'b: repeat'])
  })

  test('of a chain is one; each repeat keeps the issue open', async ({ db }) => {
    await landContacts(db, [
      contact('a'),
      contact('b', { offered_at: '2026-10-20T10:00:00Z' }),
      contact('c', { offered_at: '2026-10-26T10:00:00Z' }),
    ])
    expect(await issues(db)).toEqual(['a: issue', 'b: repeat', 'c: repeat'])
  })

  test('is too young to judge until 7 days after it are over', async ({ db }) => {
    // The last record is of 2026-11-30 in Berlin: the last day over is the 29th.
    await landContacts(db, [
      contact('a', { offered_at: '2026-11-22T22:59:59Z' }),
      contact('b', { offered_at: '2026-11-22T23:00:00Z', customer_id: 'U2' }),
    ])
    expect(await facts(db)).toMatchObject([
      { business_date: '2026-11-22', is_mature_7d: true },
      { business_date: '2026-11-23', is_mature_7d: false },
    ])
  })
})

test('an unknown reason or agent is told', async ({ db }) => {
  await landContacts(db, [contact('a', { reason_code: 'X9', agent_id: 'A9' })])
  expect(await facts(db)).toMatchObject([
    { reason_group: 'unmapped', is_avoidable: false, agent_key: null, shore: null },
  ])
  await build(db, factContact)
  expect(await brokenChecks(db, factContact)).toMatchObject({
    'every contact has a reason code we know': [{ reason_code: 'X9', contacts: 1 }],
    'the agent of every contact is known': [{ agent_id: 'A9', contacts: 1 }],
  })
})

test('a contact of a marketplace without a zone breaks a check', async ({ db }) => {
  await landContacts(db, [contact('a', { marketplace: 'FR' })])
  expect(await facts(db)).toEqual([])
  expect(await brokenChecks(db, factContact)).toEqual({
    'every contact belongs to a marketplace we know': [{ marketplace: 'FR', contacts: 1 }],
  })
})
