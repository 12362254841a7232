import pg from 'pg'
import { expect, onTestFinished } from 'vitest'

import { shapes } from './bi-shapes.ts'
import { testWith } from './kit.ts'

const test = testWith((pool) => pool.query(facts)).extend(
  'session',
  { scope: 'file' },
  ({ endpoint }) => endpoint.connect('ana'),
)

const facts = `
  INSERT INTO mart.fact_fee_event (source, source_event_id, fee_id, event_type, business_date, occurred_at,
    recorded_at, marketplace, category, fee_kind, seller_id, currency, reason_group, amount_minor, charge_minor,
    principal_minor, cash_minor, collected_minor, refunded_minor, write_off_minor, charge_eur, cash_eur,
    collected_eur, refunded_eur)
  SELECT 'test', n::text, 'F' || n, 'charged', date '2025-12-20' + n % 240, now(), now(),
    (ARRAY['DE', 'FR', 'PL', 'JP'])[1 + n % 4], (ARRAY['packaging', 'batteries', 'weee', 'textile', 'tyres'])[1 + n % 5],
    (ARRAY['service_fee', 'eco_contribution', 'x'])[1 + n % 3], 'S' || n % 7, 'EUR',
    CASE WHEN n % 9 = 0 THEN NULL ELSE 'r' || n % 3 END, 0, 0, 0, 0, 0, 0, 0,
    round(n % 97 * 1.37, 2), round(n % 89 * 1.11, 2), 0, 0
  FROM generate_series(1, 1500) AS n;
  INSERT INTO mart.fact_payment (payment_id, marketplace, partner, method, first_attempt_on, authorised_at,
    is_authorised_24h, refunded_minor, currency, amount_minor, attempts)
  SELECT 'P' || n, (ARRAY['DE', 'FR', 'PL'])[1 + n % 3], 'p', 'card', date '2026-01-01' + n % 90,
    CASE WHEN n % 5 > 0 THEN now() END, n % 5 > 0, 0, 'EUR', 0, 1
  FROM generate_series(1, 300) AS n`

test('each shape that a BI tool sends is answered as the facts are', async ({
  endpoint,
  warehouse,
}) => {
  const inText = await endpoint.connect('ana', { types })
  const byOwner = new pg.Client({ connectionString: warehouse.url, types })
  onTestFinished(() => byOwner.end())
  await byOwner.connect()
  const wrong: unknown[] = []
  for (const { tool, sql, byHand } of shapes) {
    const asked = await inText.query({ text: sql, rowMode: 'array' }).catch((error: Error) => error)
    const expected = await byOwner.query({ text: byHand, rowMode: 'array' })
    if (asked instanceof Error) wrong.push([tool, asked.message])
    else {
      const [left, right] = [comparable(asked.rows), comparable(expected.rows)]
      if (expected.rows.length === 0 || JSON.stringify(left) !== JSON.stringify(right))
        wrong.push([tool, left.slice(0, 3), right.slice(0, 3)])
    }
  }
  expect(wrong).toEqual([])
})

/** Leaves values as Postgres writes them. */
const types = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig

/** Rows in an order of their own; numbers to the ninth place, as a division has no last one. */
function comparable(rows: unknown[][]): string[] {
  return rows.map((row) => JSON.stringify(row.map(plain))).sort()
}

function plain(value: unknown) {
  return /^-?[\d.]+$/.test(String(value)) ? Number(value).toFixed(9) : value
}

test.for([
  [
    'a temporary table, so that Tableau does without',
    'CREATE LOCAL TEMPORARY TABLE "#Tableau_1_Connect" ("COL" INTEGER) ON COMMIT PRESERVE ROWS',
    '42501',
  ],
  ['a sum of ratios', 'SELECT SUM(recovery_cash_rate) FROM fees', '42804'],
  ['an average of what adds up', 'SELECT AVG(fees_charged) FROM fees', '42804'],
  ['a ratio in each row', 'SELECT marketplace, recovery_cash_rate FROM fees', '42803'],
  [
    'a ratio beside a condition inside a sum',
    'SELECT AVG(recovery_cash_rate), SUM(CASE WHEN day IS NULL THEN 0 ELSE fees_charged END) FROM fees',
    '42803',
  ],
  ['a name that is none', 'SELECT marketplce FROM fees', '42703'],
] as const)('refused with a word on what to write: %s', async ([, sql, code], { session }) => {
  const error = await session.query(sql).catch((thrown: { code: string; hint?: string }) => thrown)
  expect(error).toMatchObject({ code, hint: expect.stringMatching(/.{20}/) })
})

test('SELECT * gives NULL for a ratio, and says so', async ({ session }) => {
  const notices: string[] = []
  session.on('notice', ({ message }) => notices.push(message ?? ''))
  const { rows } = await session.query('SELECT * FROM fees WHERE marketplace IS NOT NULL LIMIT 1')
  expect(rows[0]).toMatchObject({
    recovery_cash_rate: null,
    fees_charged: expect.stringMatching(/\d/),
  })
  expect(notices).toEqual([expect.stringMatching(/^NULL in each row, .*recovery_cash_rate/)])
})
