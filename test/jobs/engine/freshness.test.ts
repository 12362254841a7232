import type { Kysely } from 'kysely'
import { expect } from 'vitest'

import type { AnyDatabase, Asset } from '#kit/asset.ts'
import { daily, oneOf, type TimeDimension, weekly } from '#kit/partitions/dimension.ts'
import { freshnessOf } from '#jobs/engine/freshness.ts'
import { test } from '#test/kit/database.ts'

import { numbers, shifted } from './kit.ts'

const fees = numbers('raw.fees')

/** A table that is to be there so many hours after each period's end. */
function table(time: TimeDimension | null, { values }: { values?: string[] } = {}): Asset {
  const partitionedBy = {
    ...(time && { n: time }),
    ...(values && { marketplace: oneOf(values) }),
  }
  return {
    ...shifted('mart.facts', [fees]),
    freshHours: 6,
    partitionedBy: Object.keys(partitionedBy).length > 0 ? partitionedBy : null,
  }
}

/** Writes down that partitions were materialized at a time. */
async function make(db: Kysely<AnyDatabase>, asset: string, keys: readonly string[], at: string) {
  await db
    .insertInto('engine.partition_state')
    .values(
      keys.map((partition) => ({
        asset,
        partition,
        version: 1,
        changed: 1,
        reads: '{}',
        rows: 1,
        run: 1,
        materialized_at: at,
      })),
    )
    .execute()
}

async function look(db: Kysely<AnyDatabase>, asset: Asset, now: string) {
  const found = await freshnessOf(db, [fees, asset], new Date(now))
  return found.get(asset.name)!
}

const berlin = daily({ zone: 'Europe/Berlin', from: '2026-10-20' })
const made = '2026-10-25T01:00:00.000Z'

test('an asset that says nothing of it is neither fresh nor late', async ({ db }) => {
  const silent = { ...table(berlin), freshHours: null }
  expect(await look(db, silent, '2026-10-25T12:00:00Z')).toEqual({
    state: 'none',
    since: null,
    expected: null,
    lastMaterialized: null,
  })
})

test.for([
  // The day of 25 hours ends at 23:00 UTC, an hour later than the day before it by the same clock.
  ['2026-10-26T04:59:59Z', 'fresh', null, '2026-10-24'],
  ['2026-10-26T05:00:01Z', 'late', '2026-10-26T05:00:00.000Z', '2026-10-25'],
] as const)(
  'after a day of 25 hours, at %s it is %s',
  async ([now, state, since, expected], { db }) => {
    await make(db, 'mart.facts', ['2026-10-23', '2026-10-24'], made)
    expect(await look(db, table(berlin), now)).toEqual({
      state,
      since,
      expected,
      lastMaterialized: made,
    })
  },
)

test.for([
  ['2026-03-30T03:59:59Z', 'fresh'],
  ['2026-03-30T04:00:01Z', 'late'],
] as const)('after a day of 23 hours, at %s it is %s', async ([now, state], { db }) => {
  await make(db, 'mart.facts', ['2026-03-28'], '2026-03-29T01:00:00Z')
  const spring = table(daily({ zone: 'Europe/Berlin', from: '2026-03-28' }))
  expect((await look(db, spring, now)).state).toBe(state)
})

test('a backfill of old days, done a minute ago, does not make it fresh', async ({ db }) => {
  await make(db, 'mart.facts', ['2026-10-20', '2026-10-21'], '2026-10-25T11:59:00Z')
  expect(await look(db, table(berlin), '2026-10-25T12:00:00Z')).toEqual({
    state: 'late',
    since: '2026-10-23T04:00:00.000Z',
    expected: '2026-10-24',
    lastMaterialized: '2026-10-25T11:59:00.000Z',
  })
})

test('a missing day of long ago does not make it late', async ({ db }) => {
  await make(db, 'mart.facts', ['2026-10-24'], made)
  expect(await look(db, table(berlin), '2026-10-25T12:00:00Z')).toMatchObject({ state: 'fresh' })
})

test('between a midnight and its hour it is as late as it was the day before', async ({ db }) => {
  await make(db, 'mart.facts', ['2026-10-22'], made)
  const { state, expected } = await look(db, table(berlin), '2026-10-24T23:00:00Z')
  expect([state, expected]).toEqual(['late', '2026-10-23'])
})

test('the 53rd week is the one to expect in the first days of a year', async ({ db }) => {
  const weeks = table(weekly({ from: '2026-12-14' }))
  await make(db, 'mart.facts', ['2026-W51', '2026-W52'], '2026-12-28T01:00:00Z')
  expect(await look(db, weeks, '2027-01-04T05:00:00Z')).toMatchObject({ state: 'fresh' })
  expect(await look(db, weeks, '2027-01-04T07:00:00Z')).toMatchObject({
    state: 'late',
    expected: '2026-W53',
    since: '2027-01-04T06:00:00.000Z',
  })
})

test('of a day in two marketplaces both are wanted', async ({ db }) => {
  const places = table(berlin, { values: ['DE', 'JP'] })
  await make(db, 'mart.facts', ['DE/2026-10-24', 'DE/2026-10-23', 'JP/2026-10-23'], made)
  expect(await look(db, places, '2026-10-25T12:00:00Z')).toMatchObject({
    state: 'late',
    expected: '2026-10-24',
  })
  await make(db, 'mart.facts', ['JP/2026-10-24'], made)
  expect(await look(db, places, '2026-10-25T12:00:00Z')).toMatchObject({ state: 'fresh' })
})

test('before its first day is due nothing is late', async ({ db }) => {
  expect(await look(db, table(berlin), '2026-10-21T03:00:00Z')).toMatchObject({ state: 'fresh' })
  expect(await look(db, table(berlin), '2026-10-19T03:00:00Z')).toMatchObject({ state: 'fresh' })
})

test('what is expected as far as there is something to read is not late without it', async ({
  db,
}) => {
  const days = { ...table(daily()), name: 'mart.up', freshHours: null }
  const down = { ...table(daily()), reads: [days] } as Asset
  await make(db, 'mart.up', ['2026-10-20', '2026-10-21'], made)
  await make(db, 'mart.facts', ['2026-10-20'], made)
  const at = async (now: string) =>
    (await freshnessOf(db, [fees, days, down], new Date(now))).get('mart.facts')
  expect(await at('2026-10-22T05:00:00Z')).toMatchObject({ state: 'fresh' })
  expect(await at('2026-10-22T07:00:00Z')).toMatchObject({ state: 'late', expected: '2026-10-21' })
  await make(db, 'mart.facts', ['2026-10-21'], made)
  expect(await at('2026-12-31T07:00:00Z')).toMatchObject({ state: 'fresh' })
})

test('a table without partitions is late so many hours after it was made', async ({ db }) => {
  const whole = table(null)
  expect(await look(db, whole, '2026-10-25T12:00:00Z')).toMatchObject({ state: 'none' })
  await make(db, 'mart.facts', [''], made)
  expect(await look(db, whole, '2026-10-25T07:00:00Z')).toMatchObject({ state: 'fresh' })
  expect(await look(db, whole, '2026-10-25T07:00:01Z')).toEqual({
    state: 'late',
    since: '2026-10-25T07:00:00.000Z',
    expected: null,
    lastMaterialized: made,
  })
})
