import { expect } from 'vitest'

import { catalogQuestions, harmless, refusedAttacks } from './attack-statements.ts'
import { fillFacts } from './differential/facts.ts'
import { testWith } from './kit.ts'

const test = testWith(fillFacts).extend('session', { scope: 'file' }, async ({ endpoint }) => {
  // Sees two marketplaces, and no seller.
  await endpoint.add('eve', { groups: ['viewer'], marketplaces: ['DE', 'FR'] })
  return await endpoint.connect('eve')
})

interface ServerError {
  code: string
  message: string
}

test('what would show more than the views, or do more than read, is refused in a sentence', async ({
  session,
}) => {
  expect(refusedAttacks.length).toBeGreaterThanOrEqual(150)
  const wrong: unknown[] = []
  for (const { sql } of refusedAttacks) {
    const outcome = await session.query(sql).then(
      () => 'answered',
      ({ code, message }: ServerError) => ({ code, message }),
    )
    await session.query('ROLLBACK')
    if (outcome === 'answered' || !isRefusal(outcome as ServerError)) wrong.push([sql, outcome])
  }
  expect(wrong).toEqual([])
})

/** By the endpoint, or by Postgres's own parser; nothing broke and nothing leaked on the way. */
function isRefusal({ code, message }: ServerError) {
  const codes = [
    '0A000',
    '22023',
    '25006',
    '42501',
    '42601',
    '42703',
    '42704',
    '42803',
    '42804',
    '42883',
    '42P01',
  ]
  return codes.includes(code) && message.length > 10 && !/mart\.\w+ |node_modules/.test(message)
}

test('what looks like an attack and is none is answered, with rows of the own marketplaces only', async ({
  session,
}) => {
  for (const { sql } of harmless) {
    const { rows } = await session.query<Record<string, string | null>>(sql)
    for (const row of rows)
      for (const marketplace of Object.values(row))
        expect([sql, marketplace?.slice(0, 2) ?? 'DE']).toEqual([
          sql,
          expect.stringMatching(/^(DE|FR|0)/),
        ])
  }
})

test('the catalogs name the views and what is built in, and nothing else', async ({ session }) => {
  for (const sql of catalogQuestions) {
    const { rows } = await session.query(sql)
    const told = JSON.stringify(rows)
    expect([sql, told.match(/fact_|kpi_fee|sql_user|bullmq|"(raw|mart|engine|rollup)"/)]).toEqual([
      sql,
      null,
    ])
  }
})

test('sellers who are hidden are neither filtered, counted nor computed with', async ({
  session,
}) => {
  const { rows } = await session.query<{ seller_id: string | null }>(
    'SELECT DISTINCT seller_id FROM fees',
  )
  expect(rows).toEqual(expect.arrayContaining([{ seller_id: 'masked' }]))
  expect(rows.filter((row) => row.seller_id !== null)).toHaveLength(1)
  const attempts = [
    "SELECT COUNT(*) FROM fees WHERE seller_id = 'S001'",
    'SELECT COUNT(DISTINCT seller_id) FROM fees',
    'SELECT upper(seller_id) FROM fees GROUP BY 1',
    "SELECT SUM(CASE WHEN seller_id LIKE 'S0%' THEN fees_charged END) FROM fees",
    'SELECT marketplace FROM fees ORDER BY seller_id || marketplace',
    'SELECT marketplace FROM fees GROUP BY marketplace HAVING MAX(seller_id) > $$S$$',
    "SELECT 1 FROM (SELECT seller_id AS s FROM fees) x WHERE s = 'S001'",
    "WITH x AS (SELECT seller_id AS s, marketplace FROM fees) SELECT marketplace FROM x WHERE s > 'S' GROUP BY 1",
    'SELECT a.marketplace FROM fees a JOIN fees b ON a.seller_id = b.seller_id',
    "SELECT marketplace FROM fees WHERE fee_id IN ('F001')",
    "SELECT f.marketplace, COUNT(*) FROM fees f JOIN (SELECT 'S001' AS s) x ON f.seller_id = x.s GROUP BY 1",
    "SELECT f.marketplace, COUNT(*) FROM fees f LEFT JOIN (SELECT 'S' AS s) x ON f.seller_id LIKE x.s || '%' GROUP BY 1",
  ]
  for (const sql of attempts)
    await expect(session.query(sql), sql).rejects.toThrow('is hidden from you')
})

test('a view that is of no group of the user is not there', async ({ endpoint }) => {
  await endpoint.add('per', { groups: ['partner_manager'], marketplaces: 'all' })
  const session = await endpoint.connect('per')
  await expect(session.query('SELECT * FROM fees')).rejects.toThrow('There is no relation "fees"')
  const { rows } = await session.query<{ table_name: string }>(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'bi' ORDER BY 1",
  )
  expect(rows.map((row) => row.table_name)).toEqual(['contacts', 'freshness', 'payments'])
})
