import { expect } from 'vitest'

import { unique } from '#kit/checks/unique.ts'
import { test } from '#test/kit/database.ts'

import { broken, sales, the28th } from './kit.ts'

const idIsUnique = unique('mart.sale', ['sale_id'])

test('a key that is there once holds, and so does a table without rows', async ({ db }) => {
  await sales(db)
  expect(await broken(db, idIsUnique)).toEqual([])
  await sales(db, { sale_id: 'A' }, { sale_id: 'B' })
  expect(await broken(db, idIsUnique)).toEqual([])
})

test('a key that is there again is told, with how often', async ({ db }) => {
  await sales(db, { sale_id: 'A' }, { sale_id: 'B' }, { sale_id: 'B' }, { sale_id: 'B' })
  expect(await broken(db, idIsUnique)).toEqual([{ sale_id: 'B', rows: 3 }])
})

test('unknown keys are not the same key', async ({ db }) => {
  await sales(db, { sale_id: null }, { sale_id: null })
  expect(await broken(db, idIsUnique)).toEqual([])
})

test('of a key of two columns one may be there again', async ({ db }) => {
  const check = unique('mart.sale', ['sale_id', 'currency'], { counted: 'sales' })
  await sales(db, { currency: 'EUR' }, { currency: 'USD' }, { currency: null }, { currency: null })
  expect(await broken(db, check)).toEqual([])
  await sales(db, { currency: 'USD' })
  expect(await broken(db, check)).toEqual([{ sale_id: 'S1', currency: 'USD', sales: 2 }])
})

test('only the slice is looked at, where the check says how', async ({ db }) => {
  await sales(db, { sale_id: 'A' }, { sale_id: 'A', day: '2026-11-29' })
  await sales(db, { sale_id: 'B', day: '2026-11-29' }, { sale_id: 'B', day: '2026-11-29' })
  const check = unique('mart.sale', ['sale_id'], { slice: { day: 'day' } })
  expect(await broken(db, check, the28th)).toEqual([])
  expect(await broken(db, check)).toHaveLength(2)
  expect(await broken(db, idIsUnique, the28th)).toHaveLength(2)
})

test('it says what it is about, or what its user says', () => {
  expect(unique('mart.sale', ['sale_id', 'day']).name).toBe('sale_id, day are unique together')
  expect(idIsUnique).toMatchObject({ name: 'sale_id is unique', severity: 'error' })
  expect(
    unique('mart.sale', ['sale_id'], {
      name: 'a sale is one',
      severity: 'warning',
      because: 'So.',
    }),
  ).toMatchObject({ name: 'a sale is one', severity: 'warning', because: 'So.' })
})
