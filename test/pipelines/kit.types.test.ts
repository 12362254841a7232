import * as z from 'zod'
import { expect, test } from 'vitest'

import { model, source } from '#kit/asset.ts'
import { count, text } from '#kit/columns.ts'

const rawOrder = source({
  name: 'raw.order',
  description: 'Orders',
  contract: z.object({ order_id: text(), quantity: count() }),
  grain: ['order_id'],
  example: { order_id: 'O1', quantity: '1' },
})

const order = z.object({ order_id: text(), quantity: count() })
const common = { description: 'Orders', contract: order, reads: [rawOrder] } as const

/** What must not compile; the compiler complains when it does. */
test('a definition that promises what it does not hold does not compile', () => {
  const definitions = [
    model({
      ...common,
      name: 'mart.right',
      grain: ['order_id'],
      query: (db) => db.selectFrom('raw.order').select(['order_id', 'quantity']),
      checks: [
        {
          name: 'right',
          severity: 'error',
          because: '',
          broken: (db) =>
            db
              .selectFrom('mart.right')
              .innerJoin('raw.order', 'raw.order.order_id', 'mart.right.order_id')
              .select('mart.right.order_id'),
        },
      ],
    }),
    model({
      ...common,
      name: 'mart.undeclared',
      grain: ['order_id'],
      // @ts-expect-error the table is not among `reads`
      query: (db) => db.selectFrom('raw.customer').select(['order_id', 'quantity']),
    }),
    model({
      ...common,
      name: 'mart.incomplete',
      grain: ['order_id'],
      // @ts-expect-error the contract promises quantity
      query: (db) => db.selectFrom('raw.order').select(['order_id']),
    }),
    model({
      ...common,
      name: 'mart.wrong_type',
      grain: ['order_id'],
      // @ts-expect-error quantity is a number
      query: (db) => db.selectFrom('raw.order').select(['order_id', 'order_id as quantity']),
    }),
    model({
      ...common,
      name: 'mart.wrong_grain',
      // @ts-expect-error the contract has no such column
      grain: ['customer_id'],
      query: (db) => db.selectFrom('raw.order').select(['order_id', 'quantity']),
    }),
    model({
      ...common,
      name: 'mart.wrong_check',
      grain: ['order_id'],
      query: (db) => db.selectFrom('raw.order').select(['order_id', 'quantity']),
      checks: [
        {
          name: 'wrong',
          severity: 'error',
          because: '',
          // @ts-expect-error a check reads what the model reads, and the model
          broken: (db) => db.selectFrom('raw.customer').select('order_id'),
        },
      ],
    }),
    source({
      name: 'raw.wrong_version',
      description: 'Orders',
      contract: order,
      grain: ['order_id'],
      // @ts-expect-error the contract has no such column
      version: 'changed_at',
      example: { order_id: 'O1', quantity: '1' },
    }),
  ]
  expect(definitions).toHaveLength(7)
})
