import { expect } from 'vitest'

import { acceptedValues } from '#kit/checks/accepted-values.ts'
import { test } from '#test/kit/database.ts'

import { broken, sales, the28th } from './kit.ts'

const euroOrDollar = acceptedValues('mart.sale', 'currency', ['EUR', 'USD'], {
  slice: { instant: 'sold_at' },
})

test('known values hold, as do none and a table without rows', async ({ db }) => {
  await sales(db)
  expect(await broken(db, euroOrDollar)).toEqual([])
  await sales(db, { currency: 'EUR' }, { currency: 'USD' }, { currency: null })
  expect(await broken(db, euroOrDollar)).toEqual([])
  expect(euroOrDollar.name).toBe('currency is one of EUR, USD')
})

test('each other value is told once, with the number of its rows', async ({ db }) => {
  await sales(
    db,
    { currency: 'EUR' },
    { currency: 'eur' },
    { currency: 'eur' },
    { currency: 'JPY' },
  )
  expect(await broken(db, euroOrDollar)).toEqual(
    expect.arrayContaining([
      { currency: 'eur', rows: 2 },
      { currency: 'JPY', rows: 1 },
    ]),
  )
})

test('numbers are compared as numbers', async ({ db }) => {
  await sales(db, { quantity: 1 }, { quantity: 10 })
  const check = acceptedValues('mart.sale', 'quantity', [1, 2], { counted: 'sales' })
  expect(await broken(db, check)).toEqual([{ quantity: 10, sales: 1 }])
})

test('an instant at the end of the slice is outside of it', async ({ db }) => {
  await sales(
    db,
    { currency: 'before', sold_at: '2026-11-27T23:59:59.999999Z' },
    { currency: 'first', sold_at: '2026-11-28T00:00:00Z' },
    { currency: 'last', sold_at: '2026-11-28T23:59:59.999999Z' },
    { currency: 'after', sold_at: '2026-11-29T00:00:00Z' },
  )
  expect(await broken(db, euroOrDollar, the28th)).toEqual([
    { currency: 'first', rows: 1 },
    { currency: 'last', rows: 1 },
  ])
  expect(await broken(db, euroOrDollar)).toHaveLength(4)
})
