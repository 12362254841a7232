import type { Pool } from 'pg'
import { expect, onTestFinished } from 'vitest'

import { fillForBench } from '#test/bench/sql/facts.ts'

import { testWith } from './kit.ts'

const test = testWith(async (pool) => {
  const client = await pool.connect()
  await fillForBench(client, { fees: 10, payments: 800 })
  client.release()
})

const attempts = 'SELECT SUM(attempts_submitted) AS n FROM payments WHERE day >= $1'
const values = ['2020-01-01']

/** One attempt more, and the warehouse says that it changed. */
async function anAttemptComes(pool: Pool, id: string) {
  await pool.query(
    `INSERT INTO mart.fact_payment_event SELECT (jsonb_populate_record(event, jsonb_build_object('source_event_id', $1::text))).*
     FROM mart.fact_payment_event AS event LIMIT 1`,
    [id],
  )
  await pool.query(`INSERT INTO engine.materialization (run, asset, partition, rows, changed, reads, metadata)
    VALUES (1, 'mart.fact_payment_event', '${id}', 1, true, '[]', '{}')`)
}

test('a statement that was prepared before a change is answered from after it', async ({
  endpoint,
  warehouse,
}) => {
  const session = await endpoint.connect('ana')
  const ask = async () =>
    (await session.query<{ n: string }>({ name: 'kept', text: attempts, values })).rows[0]?.n
  const rolledUp = async () =>
    (await session.query<{ n: string }>('SELECT SUM(attempts_submitted) AS n FROM payments'))
      .rows[0]?.n
  expect([await ask(), await rolledUp()]).toEqual(['800', '800'])
  await anAttemptComes(warehouse.pool, 'one more')
  expect([await ask(), await rolledUp()]).toEqual(['801', '801'])
})

// Cube dropped a rollup of before while whoever had read it was still in a transaction, and waited
// for its end; whoever asked meanwhile waited for Cube, also the one in the transaction.
test('nobody waits for someone who has read an older rollup and stays in a transaction', async ({
  endpoint,
  warehouse,
}) => {
  const text = 'SELECT partner, SUM(attempts_submitted) FROM payments GROUP BY 1'
  const [stays, asks] = [await endpoint.connect('ana'), await endpoint.connect('ana')]
  await stays.query('BEGIN')
  await stays.query(text)
  for (const id of ['two', 'three']) {
    await anAttemptComes(warehouse.pool, id)
    const from = Date.now()
    await asks.query(text)
    await stays.query(text)
    expect(Date.now() - from).toBeLessThan(5000)
  }
  await stays.query('COMMIT')
})

// The thread that translates waited for the rollup as well, and with it whoever else asked; after
// five seconds the statement was said to be too large.
test('while a rollup is made, whoever needs it waits for as long as it takes, and nobody else', async ({
  endpoint,
  warehouse,
}) => {
  const [needs, needsNot] = [await endpoint.connect('ana'), await endpoint.connect('ana')]
  await anAttemptComes(warehouse.pool, 'four')
  const holder = await warehouse.pool.connect()
  // Ends the session, so that a failure leaves no lock behind.
  onTestFinished(() => holder.release(true))
  await holder.query('BEGIN; LOCK TABLE mart.fact_payment_event')
  let isAnswered = false
  const waits = needs
    .query<{ n: string }>('SELECT SUM(attempts_submitted) AS n FROM payments')
    .finally(() => (isAnswered = true))
  const until = Date.now() + 5500
  let meanwhile = 0
  while (Date.now() < until)
    await needsNot.query(`SELECT COUNT(*) AS n, ${meanwhile++} AS try FROM fees`)
  expect([isAnswered, meanwhile > 10]).toEqual([false, true])
  await holder.query('ROLLBACK')
  expect((await waits).rows).toEqual([{ n: '804' }])
})
