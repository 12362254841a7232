import { expect } from 'vitest'

import { notNull } from '#kit/checks/not-null.ts'
import { test } from '#test/kit/database.ts'

import { broken, sales, the28th } from './kit.ts'

const hasCurrency = notNull('mart.sale', 'currency')

test('rows with a value hold, and so does a table without rows', async ({ db }) => {
  await sales(db)
  expect(await broken(db, hasCurrency)).toEqual([])
  await sales(db, { currency: '' })
  expect(await broken(db, hasCurrency)).toEqual([])
  expect(hasCurrency.name).toBe('every row has currency')
})

test('a row without one is told with the columns a slice is found by', async ({ db }) => {
  await sales(db, {}, { sale_id: 'B', currency: null, day: '2026-11-29' })
  const row = { sale_id: 'B', currency: null, day: '2026-11-29', marketplace: 'DE', quantity: 1 }
  expect(await broken(db, hasCurrency)).toMatchObject([row])
  expect(await broken(db, hasCurrency, the28th)).toMatchObject([row])
})
