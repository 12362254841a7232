import { expect } from 'vitest'

import { fillFacts } from './differential/facts.ts'
import { testWith } from './kit.ts'

const test = testWith(fillFacts).extend('session', { scope: 'file' }, ({ endpoint }) =>
  endpoint.connect('ana'),
)

// Its own name inside it was taken for itself, without end.
test('a WITH query may be called like the view that it reads', async ({ session }) => {
  const { rows } = await session.query(
    `WITH fees AS (SELECT * FROM fees WHERE marketplace = 'DE')
     SELECT marketplace, MEASURE(recovery_cash_rate) AS rate FROM fees GROUP BY 1`,
  )
  const plain = await session.query(
    `SELECT marketplace, MEASURE(recovery_cash_rate) AS rate FROM fees WHERE marketplace = 'DE' GROUP BY 1`,
  )
  expect(rows).toEqual(plain.rows)
  expect(rows).toHaveLength(1)
})

test('a WITH query sees those before it, whatever they are called', async ({ session }) => {
  const { rows } = await session.query(
    `WITH a AS (SELECT * FROM fees WHERE marketplace = 'DE'),
       b AS (SELECT marketplace AS m, fees_count FROM a),
       a2 AS (SELECT m, SUM(fees_count) AS n FROM b GROUP BY 1)
     SELECT m FROM a2`,
  )
  expect(rows).toEqual([{ m: 'DE' }])
})

test('current_user is who asks, wherever it stands', async ({ session }) => {
  const { rows } = await session.query(
    `SELECT current_user AS a, (SELECT current_user) AS b, COUNT(*) > 0 AS c FROM fees
     WHERE current_user = 'ana' GROUP BY 1, 2`,
  )
  expect(rows).toEqual([{ a: 'ana', b: 'ana', c: true }])
})
