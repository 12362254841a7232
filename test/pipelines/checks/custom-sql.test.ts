import { expect } from 'vitest'

import { customSql } from '#kit/checks/custom-sql.ts'
import { test } from '#test/kit/database.ts'

import { broken, sales, the28th } from './kit.ts'

const rule = { name: 'something is sold', because: 'A sale of nothing counts as one.' }
const soldNothing = customSql({
  ...rule,
  severity: 'warning',
  sql: `
    with of_slice as (
      select sale.* from mart.sale cross join slice
      where day >= from_day and day < to_day
        and sold_at >= from_instant and sold_at < to_instant
        and (value is null or marketplace = value)
    )
    select sale_id from of_slice where quantity <= 0 -- not even a return`,
})

test('the rows that the text selects break the rule', async ({ db }) => {
  await sales(db)
  expect(await broken(db, soldNothing)).toEqual([])
  await sales(db, { sale_id: 'A' }, { sale_id: 'B', quantity: 0 }, { sale_id: 'C', quantity: null })
  expect(await broken(db, soldNothing)).toEqual([{ sale_id: 'B' }])
  expect(soldNothing).toMatchObject({ ...rule, severity: 'warning' })
})

test('the text knows its slice', async ({ db }) => {
  const nothing = { quantity: 0 }
  await sales(
    db,
    { ...nothing, sale_id: 'A' },
    { ...nothing, sale_id: 'B', day: '2026-11-29' },
    { ...nothing, sale_id: 'C', sold_at: '2026-11-29T00:00:00Z' },
    { ...nothing, sale_id: 'D', marketplace: 'JP' },
  )
  expect(await broken(db, soldNothing, the28th)).toEqual([{ sale_id: 'A' }, { sale_id: 'D' }])
  expect(await broken(db, soldNothing, { ...the28th, value: 'JP' })).toEqual([{ sale_id: 'D' }])
  expect(await broken(db, soldNothing)).toHaveLength(4)
})

test('a semicolon at the end is the end', async ({ db }) => {
  await sales(db, { sale_id: null })
  const check = customSql({ ...rule, sql: 'select * from mart.sale where sale_id is null;\n' })
  expect(await broken(db, check)).toHaveLength(1)
})
