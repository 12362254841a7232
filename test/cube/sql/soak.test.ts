import { expect } from 'vitest'

import { soak } from '#test/bench/sql/soak.ts'
import { fillForBench } from '#test/bench/sql/facts.ts'

import { testWith } from './kit.ts'

const test = testWith(async (pool) => {
  const client = await pool.connect()
  await fillForBench(client, { fees: 3000, payments: 6000 })
  client.release()
})

test('many clients that are cancelled and cut off by chance get right answers and leave nothing behind', async ({
  endpoint,
  warehouse,
}) => {
  await endpoint.add('all', { groups: ['admin'], marketplaces: 'all' })
  await endpoint.add('some', { groups: ['finance'], marketplaces: ['DE', 'FR'] })
  await endpoint.add('one', { groups: ['viewer'], marketplaces: ['PL'] })
  const soaked = await soak({
    facts: warehouse.url,
    endpoint: endpoint.url,
    clients: 10,
    seconds: 3,
  })
  expect({ ...soaked, problems: endpoint.problems }).toMatchObject({
    wrong: [],
    errors: [],
    problems: [],
  })
  expect(soaked.answers).toBeGreaterThan(100)
  expect(soaked.cancels + soaked.disconnects).toBeGreaterThan(0)
  await expect
    .poll(
      async () => {
        const { rows } = await warehouse.pool.query<{ sessions: number }>(
          `SELECT count(*)::int AS sessions FROM pg_stat_activity
           WHERE usename LIKE 'recoup_bi_%' AND datname = current_database()`,
        )
        return rows[0]!.sessions
      },
      { timeout: 10_000 },
    )
    .toBe(0)
  expect(endpoint.problems).toEqual([])
})
