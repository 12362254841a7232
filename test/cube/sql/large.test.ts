import { expect } from 'vitest'

import { fillFacts } from './differential/facts.ts'
import { testWith } from './kit.ts'

const test = testWith(fillFacts)

// Each SELECT was looked through twice, and each inside it twice again: thirty took for ever.
test('four hundred plain SELECTs around a view are read as one', async ({ endpoint }) => {
  const session = await endpoint.connect('ana')
  const deep = `${'(SELECT * FROM '.repeat(400)}fees${') x'.repeat(400)}`
  const { rows } = await session.query(
    `SELECT marketplace, MEASURE(recovery_cash_rate) FROM ${deep} GROUP BY 1`,
  )
  expect(rows.length).toBeGreaterThan(3)
})

test('while a statement of half a megabyte is read, others are answered', async ({ endpoint }) => {
  const [slow, quick] = [await endpoint.connect('ana'), await endpoint.connect('ana')]
  const ids = Array.from({ length: 30_000 }, (_, n) => `'fee ${n}'`)
  const progress = { isRead: false, meanwhile: 0 }
  const large = slow
    .query<{ n: string }>(`SELECT COUNT(*) AS n FROM fees WHERE fee_id IN (${ids.join(', ')})`)
    .finally(() => (progress.isRead = true))
  while (!progress.isRead) {
    await quick.query(
      `SELECT COUNT(*) FROM fees WHERE category = 'one that is new: ${progress.meanwhile}'`,
    )
    if (!progress.isRead) progress.meanwhile++
  }
  expect((await large).rows).toEqual([{ n: '0' }])
  expect(progress.meanwhile).toBeGreaterThan(3)
})

test.for([
  ['parentheses', `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`],
  ['sums', `SELECT ${'1+'.repeat(20_000)}1`],
  ['a text of more than a megabyte', `SELECT '${'x'.repeat(1_100_000)}'`],
  [
    'grouping sets',
    'SELECT 1 FROM fees GROUP BY CUBE (marketplace, category, fee_kind, currency, stream, seller_tier, age_bucket)',
  ],
] as const)(
  'too much of %s is refused, and the next statement is answered',
  async ([, sql], { endpoint }) => {
    const session = await endpoint.connect('ana')
    await expect(session.query(sql)).rejects.toThrow(/.{20}/)
    expect((await session.query('SELECT COUNT(*) FROM fees')).rows).toHaveLength(1)
  },
)
