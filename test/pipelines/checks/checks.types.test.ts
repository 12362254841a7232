import type { Kysely } from 'kysely'
import * as z from 'zod'
import { expect, test } from 'vitest'

import { type DatabaseOf, model, source } from '#kit/asset.ts'
import { acceptedValues } from '#kit/checks/accepted-values.ts'
import { notNull } from '#kit/checks/not-null.ts'
import { recent } from '#kit/checks/recent.ts'
import { related } from '#kit/checks/related.ts'
import { rowCountChange } from '#kit/checks/row-count-change.ts'
import { sumsAgree } from '#kit/checks/sums-agree.ts'
import { unique } from '#kit/checks/unique.ts'
import { code, count, day, flag, text } from '#kit/columns.ts'
import { inSlice } from '#kit/partitions/in-slice.ts'

const contract = z.object({
  order_id: text(),
  day: day(),
  currency: code(['EUR', 'USD']).nullable(),
  quantity: count(),
  is_gift: flag(),
})
const rawOrder = source({
  name: 'raw.order',
  description: 'Orders',
  contract,
  grain: ['order_id'],
  example: { order_id: 'O1' },
  checks: [
    unique('raw.order', ['order_id']),
    // @ts-expect-error the contract has no such column
    unique('raw.order', ['order_id', 'line']),
  ],
})
const common = { description: 'Orders', contract, grain: ['order_id'], reads: [rawOrder] } as const

type Orders = Kysely<DatabaseOf<[typeof rawOrder]>>
const quantities = (db: Orders) => db.selectFrom('raw.order').select(['day', 'quantity as amount'])

/** What must not compile; the compiler complains when it does. */
test('a check of a column or table that is not there does not compile', () => {
  const order = model({
    ...common,
    name: 'mart.order',
    query: (db, slice) =>
      db
        .selectFrom('raw.order')
        .where(({ ref }) => inSlice({ day: ref('day') }, slice))
        // @ts-expect-error the table has no such column
        .where(({ ref }) => inSlice({ day: ref('month') }, slice))
        // @ts-expect-error a number is no day
        .where(({ ref }) => inSlice({ day: ref('quantity') }, slice))
        .selectAll(),
    checks: [
      unique('mart.order', ['order_id', 'day'], { slice: { day: 'day' } }),
      // @ts-expect-error no such column
      unique('mart.order', ['order_id', 'id']),
      // @ts-expect-error no such column to find the slice by
      unique('mart.order', ['order_id'], { slice: { day: 'month' } }),
      // @ts-expect-error a key has columns
      unique('mart.order', []),

      notNull('raw.order', 'currency'),
      // @ts-expect-error no such column
      notNull('mart.order', 'seller_id'),
      // @ts-expect-error not among `reads`
      notNull('raw.seller', 'order_id'),

      acceptedValues('mart.order', 'currency', ['EUR', 'USD']),
      acceptedValues('mart.order', 'quantity', [1, 2]),
      acceptedValues('mart.order', 'is_gift', [true]),
      // @ts-expect-error quantity is a number
      acceptedValues('mart.order', 'quantity', ['1', '2']),
      // @ts-expect-error no such column
      acceptedValues('mart.order', 'colour', ['red']),

      related('mart.order', 'order_id', { to: 'raw.order' }),
      related('mart.order', 'order_id', { to: 'raw.order', toColumn: 'currency' }),
      // @ts-expect-error no such column there
      related('mart.order', 'order_id', { to: 'raw.order', toColumn: 'id' }),
      // @ts-expect-error not among `reads`
      related('mart.order', 'order_id', { to: 'mart.dim_seller' }),

      rowCountChange('mart.order', { atMost: 0.5, slice: { day: 'day' } }),
      // @ts-expect-error of a feed the engine records what was brought, not what the table holds
      rowCountChange('raw.order', { atMost: 0.5 }),
      // @ts-expect-error no such column to find the slice by
      rowCountChange('mart.order', { atMost: 0.5, slice: { day: 'month' } }),

      recent('mart.order', 'day', { hours: 36 }),
      // @ts-expect-error no such column
      recent('mart.order', 'ordered_at', { hours: 36 }),

      sumsAgree({ name: 'agrees', by: ['day'], left: quantities, right: quantities }),
      // @ts-expect-error the queries yield no such column
      sumsAgree({ name: 'agrees', by: ['currency'], left: quantities, right: quantities }),
      // @ts-expect-error the model reads no such table
      sumsAgree({
        name: 'agrees',
        by: ['day'],
        left: quantities,
        right: (db: Kysely<{ 'mart.other': { day: string; amount: number } }>) =>
          db.selectFrom('mart.other').selectAll(),
      }),
    ],
  })
  expect(order.checks).not.toHaveLength(0)
})
