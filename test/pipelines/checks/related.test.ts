import { type Kysely, sql } from 'kysely'
import { expect } from 'vitest'

import type { AnyDatabase } from '#kit/asset.ts'
import { related } from '#kit/checks/related.ts'
import { test } from '#test/kit/database.ts'

import { broken, sales, the28th } from './kit.ts'

const placeIsKnown = related('mart.sale', 'marketplace', { to: 'mart.place' })

const places = async (db: Kysely<AnyDatabase>, ...names: (string | null)[]) => {
  await sql`create table mart.place (marketplace text, short text)`.execute(db)
  for (const marketplace of names)
    await db.insertInto('mart.place').values({ marketplace, short: marketplace }).execute()
}

test('values with a counterpart hold, as do none and a table without rows', async ({ db }) => {
  await sales(db)
  await places(db, 'DE', null)
  expect(await broken(db, placeIsKnown)).toEqual([])
  await sales(db, { marketplace: 'DE' }, { marketplace: null })
  expect(await broken(db, placeIsKnown)).toEqual([])
  expect(placeIsKnown.name).toBe('every marketplace is in mart.place')
})

test('each value without one is told, with the number of its rows', async ({ db }) => {
  await sales(db, { marketplace: 'FR' }, { marketplace: 'DE' }, { marketplace: 'FR' })
  await places(db, 'DE', 'JP', null)
  expect(await broken(db, placeIsKnown)).toEqual([{ marketplace: 'FR', rows: 2 }])
})

test('next to a table without rows nothing has a counterpart', async ({ db }) => {
  await sales(db, {})
  await places(db)
  expect(await broken(db, placeIsKnown)).toEqual([{ marketplace: 'DE', rows: 1 }])
})

test('the column may have another name there, and only the slice is looked at', async ({ db }) => {
  await sales(db, { marketplace: 'FR' }, { marketplace: 'ES', day: '2026-11-29' })
  await places(db, 'DE')
  const check = related('mart.sale', 'marketplace', {
    to: 'mart.place',
    toColumn: 'short',
    slice: { day: 'day' },
    counted: 'sales',
  })
  expect(await broken(db, check, the28th)).toEqual([{ marketplace: 'FR', sales: 1 }])
})

test('the value of a slice is its rows', async ({ db }) => {
  await sales(db, { currency: 'X' }, { currency: 'Y', marketplace: 'JP' })
  await places(db)
  const check = related('mart.sale', 'currency', {
    to: 'mart.place',
    toColumn: 'short',
    slice: { day: 'day', value: 'marketplace' },
  })
  const japan = { ...the28th, keys: ['JP/2026-11-28'], value: 'JP' }
  expect(await broken(db, check, japan)).toEqual([{ currency: 'Y', rows: 1 }])
})
