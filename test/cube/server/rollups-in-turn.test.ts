import { setTimeout } from 'node:timers/promises'

import { expect } from 'vitest'

import { fillForBench } from '#test/bench/sql/facts.ts'

import { test } from '../kit.ts'

// Cube looked for a rollup just when another had made it, did not see it yet, and made it once more
// under the name that was taken.
test('whoever asks while a rollup is being made gets it', async ({ cube, database: { pool } }) => {
  const client = await pool.connect()
  await fillForBench(client, { fees: 10, payments: 6000 })
  client.release()
  const { rollups } = await cube.sqlDoor.sql(
    { groups: ['admin'], marketplaces: 'all' },
    {
      measures: ['payments.attempts_submitted'],
      dimensions: [],
      timeDimensions: [],
      segments: [],
      filters: [],
      subqueryJoins: [],
      anchor: 'payments.day',
    },
    {},
    [],
    { rollups: true },
  )
  const rounds = 10
  for (let round = 0; round < rounds; round++) {
    await pool.query(`INSERT INTO engine.materialization (run, asset, partition, rows, changed, reads, metadata)
      VALUES (1, 'mart.fact_payment_event', 'round ${round}', 1, true, '[]', '{}')`)
    const asking = Array.from({ length: 200 }, async (_, turn) => {
      await setTimeout(turn)
      await cube.sqlDoor.withRollups('SELECT', [rollups!])
    })
    await Promise.all(asking)
  }
  const { rows } = await pool.query<{ table: string }>(
    `SELECT relname AS table FROM pg_class WHERE relnamespace = 'rollup'::regnamespace AND relkind = 'r'`,
  )
  expect(rows).toHaveLength(rounds)
})
