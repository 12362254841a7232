import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'

import type { AnyDatabase } from '#kit/asset.ts'
import { sumsAgree } from '#kit/checks/sums-agree.ts'
import { inSlice } from '#kit/partitions/in-slice.ts'
import type { Slice } from '#kit/partitions/slice.ts'
import { test } from '#test/kit/database.ts'

import { broken, sales, the28th } from './kit.ts'

const agree = sumsAgree({
  name: 'what was sold was shipped',
  by: ['currency', 'marketplace'],
  left: (db: Kysely<AnyDatabase>, slice) => amounts(db, slice, 'mart.sale'),
  right: (db: Kysely<AnyDatabase>, slice) => amounts(db, slice, 'mart.shipped'),
  called: ['sold', 'shipped'],
})

const amounts = (db: Kysely<AnyDatabase>, slice: Slice, table: string) =>
  db
    .selectFrom(table)
    .where(({ ref }) => inSlice({ day: ref('day') }, slice))
    .select(['currency', 'marketplace', 'quantity as amount'])

const shipped = (db: Kysely<AnyDatabase>) =>
  sql`create table mart.shipped as select * from mart.sale`.execute(db)

test('what agrees holds, also of an unknown group, and so do tables without rows', async ({
  db,
}) => {
  await sales(db)
  await shipped(db)
  expect(await broken(db, agree)).toEqual([])
  await sales(db, { quantity: 2 }, { quantity: 1 }, { currency: null, quantity: 4 })
  await db
    .insertInto('mart.shipped')
    .values([
      { currency: 'EUR', marketplace: 'DE', quantity: 3 },
      { currency: null, marketplace: 'DE', quantity: 4 },
    ])
    .execute()
  expect(await broken(db, agree)).toEqual([])
})

test('what differs is told with both sums, and what one side lacks is 0 there', async ({ db }) => {
  await sales(db, { quantity: 5 }, { currency: null, quantity: 7 }, { currency: 'USD' })
  await shipped(db)
  await sales(db, { quantity: -2 }, { currency: 'JPY', quantity: 8 })
  await sql`delete from mart.sale where currency is null`.execute(db)
  const group = { marketplace: 'DE' }
  expect(await broken(db, agree)).toEqual([
    { ...group, currency: 'EUR', sold: '3', shipped: '5', sold_less_shipped: '-2' },
    { ...group, currency: 'JPY', sold: '8', shipped: '0', sold_less_shipped: '8' },
    { ...group, currency: null, sold: '0', shipped: '7', sold_less_shipped: '-7' },
  ])
})

test('an unknown amount is nothing, so its counterpart is missed', async ({ db }) => {
  await sales(db, { quantity: 5 })
  await shipped(db)
  await sql`update mart.sale set quantity = null`.execute(db)
  expect(await broken(db, agree)).toMatchObject([{ sold: '0', shipped: '5' }])
})

test('amounts are exact: a tenth and two are three, and the 17th digit counts', async ({ db }) => {
  const amount =
    (...texts: string[]) =>
    (of: Kysely<AnyDatabase>) =>
      of
        .selectFrom(sql<{ amount: string }>`unnest(${texts}::numeric[])`.as<'a'>(sql`a (amount)`))
        .select(['amount', sql`'all'`.as('what')])
  const check = (left: string[], right: string[]) =>
    broken(
      db,
      sumsAgree({ name: 'x', by: ['what'], left: amount(...left), right: amount(...right) }),
    )
  expect(await check(['0.1', '0.2'], ['0.3'])).toEqual([])
  expect(await check(['9007199254740993'], ['9007199254740992'])).toEqual([
    { what: 'all', left: '9007199254740993', right: '9007199254740992', left_less_right: '1' },
  ])
})

test('the queries are of the slice', async ({ db }) => {
  await sales(db, {}, { day: '2026-11-29', quantity: 9 })
  await shipped(db)
  await sql`update mart.shipped set quantity = 0 where day = '2026-11-29'`.execute(db)
  expect(await broken(db, agree, the28th)).toEqual([])
  expect(await broken(db, agree)).toMatchObject([{ sold: '10', shipped: '1' }])
})
