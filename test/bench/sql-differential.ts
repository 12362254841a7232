/** `npm run differential`: the SQL endpoint against SQL by hand on the facts, long. See docs/benchmarks.md. */
import { parseArgs } from 'node:util'

import { createTables } from '#jobs/postgres/create-tables.ts'
import { connect } from '#jobs/postgres/pool.ts'
import { displayCount } from '#jobs/terminal/values.ts'
import { models } from '#models/models.ts'
import { sources } from '#pipelines/sources.ts'
import { writeByHand } from '#test/cube/sql/differential/by-hand.ts'
import { openByHand, openEndpoint } from '#test/cube/sql/differential/endpoint.ts'
import { fillFacts } from '#test/cube/sql/differential/facts.ts'
import { people } from '#test/cube/sql/differential/people.ts'
import { describeMismatch, type Outcome, runCases } from '#test/cube/sql/differential/run.ts'

import { startServer } from './server.ts'

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '50000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** A fifth of the cases, unless said. */
    shapes: { type: 'string' },
    /** One case, to see it again. */
    only: { type: 'string' },
  },
})
const seed = Number(options.seed)
const cases = Number(options.cases)
const shapes = Number(options.shapes ?? Math.ceil(cases / 5))
const from = Number(options.only ?? 0)
const to = options.only === undefined ? cases : from + 1
const shown = 5

await using server = await startServer({ timezone: 'Pacific/Chatham' })
const url = await server.makeDatabase('differential')
await using warehouse = connect(url)
await createTables(warehouse.db, [...sources, ...models])
await fillFacts(warehouse.pool)
await writeByHand(warehouse.pool, people)
const hand = openByHand(url)
await using endpoint = await openEndpoint(url, warehouse.pool)

console.log(`seed ${seed}, ${displayCount(shapes)} shapes`)
const start = performance.now()
const outcome = await runCases(endpoint.ask, hand, { seed, from, to, shapes, onCase: tell })
await hand.end()

for (const one of outcome.mismatches.slice(0, shown))
  console.log(describeMismatch(one, { seed, shapes }))
console.log(
  `${displayCount(outcome.cases)} cases, ${displayCount(outcome.mismatches.length)} mismatches`,
)
if (outcome.mismatches.length > 0) process.exitCode = 1

function tell({ cases: done, withRows, mismatches }: Outcome) {
  if (done % 1000 !== 0) return
  const ms = (performance.now() - start) / done
  console.log(
    `${displayCount(done)} cases, ${displayCount(mismatches.length)} mismatches, ` +
      `${Math.round((100 * withRows) / done)} % with rows, ${ms.toFixed(1)} ms each`,
  )
}
