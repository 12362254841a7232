import { sql } from 'kysely'
import { expect } from 'vitest'

import { factContact } from '#models/contacts/fact-contact.ts'
import { test, type TestDatabase } from '#test/kit/database.ts'
import { brokenChecks, build, rowsOf } from '#test/kit/rows.ts'

import { contact, landContacts, pool } from './desk.ts'

/** The cost of each contact, `~` where it is provisional. */
const costs = async (db: TestDatabase['db']) =>
  Object.fromEntries(
    (await rowsOf(db, factContact))
      .filter((row) => row.source_event_id !== 'last')
      .map((row) => [
        row.source_event_id,
        `${row.is_cost_provisional ? '~' : ''}${Number(row.cost_eur)}`,
      ]),
  )

const noBrokenCheck = async (db: TestDatabase['db']) => {
  await build(db, factContact)
  expect(await brokenChecks(db, factContact)).toEqual({})
}

test("a pool's cost is shared by handle seconds; only handled contacts take part", async ({
  db,
}) => {
  await landContacts(
    db,
    [
      contact('short'),
      contact('long', { talk_seconds: 260 }),
      contact('abandoned', { answered_at: null }),
      contact('spam', { is_spam: true }),
      contact('outbound', { direction: 'outbound' }),
    ],
    [pool(4000)],
  )
  expect(await costs(db)).toEqual({
    short: '10',
    long: '30',
    abandoned: '0',
    spam: '0',
    outbound: '0',
  })
  await noBrokenCheck(db)
})

test('an agent in three chats at once spends a third of the time on each', async ({ db }) => {
  await landContacts(
    db,
    [
      contact('alone', { channel: 'chat' }),
      contact('one of three', { channel: 'chat', concurrent_sessions: 3 }),
    ],
    [pool(4000, { channel: 'chat' })],
  )
  const rows = await rowsOf(db, factContact)
  expect(rows.map((row) => row.handle_seconds)).toEqual(['100.000000', '0', '33.333333'])
  expect(await costs(db)).toEqual({ alone: '30.000000075', 'one of three': '9.999999925' })
})

test('a month without a pool costs what the newest month before it did, provisionally', async ({
  db,
}) => {
  await landContacts(
    db,
    [
      contact('september', { offered_at: '2026-09-14T10:00:00Z' }),
      contact('october'),
      contact('november', { offered_at: '2026-11-14T10:00:00Z', talk_seconds: 10 }),
    ],
    [pool(1000, { month: '2026-09' }), pool(2000)],
  )
  expect(await costs(db)).toEqual({ september: '10', october: '20', november: '~10' })
  await noBrokenCheck(db)
})

test('a month before the first pool, and a channel without any, costs nothing and is told', async ({
  db,
}) => {
  await landContacts(
    db,
    [
      contact('august', { offered_at: '2026-08-14T10:00:00Z' }),
      contact('october'),
      contact('email', { channel: 'email' }),
    ],
    [pool(2000)],
  )
  expect(await costs(db)).toEqual({ august: '~0', october: '20', email: '~0' })
  await build(db, factContact)
  expect(await brokenChecks(db, factContact)).toEqual({
    'every handled contact has a cost pool': expect.toSatisfy(
      (rows: object[]) => rows.length === 2,
    ),
  })
})

test('the month is that of the local day', async ({ db }) => {
  await landContacts(db, [contact('a', { offered_at: '2026-09-30T22:00:00Z' })], [pool(500)])
  expect(await costs(db)).toEqual({ a: '5' })
})

test('a pool in pesos is converted at the rate of the day of each contact, and adds up to itself', async ({
  db,
}) => {
  const manila = { site: 'MNL', agent_id: null }
  await landContacts(
    db,
    [
      contact('a', { ...manila, talk_seconds: 1 }),
      contact('b', { ...manila, talk_seconds: 17, customer_id: 'U2' }),
      contact('c', { ...manila, talk_seconds: 333, offered_at: '2026-10-15T10:00:00Z' }),
    ],
    [pool(1_234_567, { site: 'MNL', currency: 'PHP' })],
  )
  await build(db, factContact)
  // 41, 57 and 373 of 471 seconds of 12,345.67 pesos.
  expect(await costs(db)).toEqual({ a: '16.2521914119', b: '22.5945100117', c: '149.4210313954' })
  const { rows } = await sql`
    select round(sum(cost_eur * rate), 6) as pesos
    from mart.fact_contact c join mart.ref_fx_rate fx on fx.day = business_date and fx.currency = 'PHP'
    where site = 'MNL'`.execute(db)
  expect(rows).toEqual([{ pesos: '12345.670000' }])
  await noBrokenCheck(db)
})

test('a day without an exchange rate breaks a check', async ({ db }) => {
  await landContacts(
    db,
    [contact('a', { site: 'MNL', offered_at: '2026-10-30T10:00:00Z' })],
    [pool(1000, { site: 'MNL', currency: 'PHP' })],
  )
  await build(db, factContact)
  expect(await brokenChecks(db, factContact)).toEqual({
    'every contact cost has an exchange rate': [
      { site: 'MNL', channel: 'voice', business_date: '2026-10-30', contacts: 1 },
    ],
  })
})

test('a pool whose cost is not allocated as a whole breaks a check; so does an idle one', async ({
  db,
}) => {
  await landContacts(
    db,
    [contact('a'), contact('b')],
    [pool(2000), pool(7000, { channel: 'chat' })],
  )
  await build(db, factContact)
  await db
    .updateTable('mart.fact_contact')
    .set({ cost_eur: '9.999' })
    .where('source_event_id', '=', 'a')
    .execute()
  expect(await brokenChecks(db, factContact)).toMatchObject({
    'the allocated cost of a pool is the cost of the pool': [{ site: 'LIS', cost_minor: 2000 }],
    'every cost pool has handled contacts': [
      { channel: 'chat', cost_minor: 7000, month: '2026-10', site: 'LIS' },
    ],
  })
})
