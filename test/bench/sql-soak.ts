/**
 * `npm run soak:sql`: many clients of the SQL endpoint for minutes, cancelled and cut off by chance,
 * while the warehouse changes. Every answer is compared with one had by hand.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { startServer, withClient } from './server.ts'
import { startSql } from './sql/endpoint.ts'
import { fillForBench } from './sql/facts.ts'
import { soak } from './sql/soak.ts'

const { values: options } = parseArgs({
  options: {
    clients: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '5' },
  },
})
const clients = Number(options.clients)
const seconds = Number(options.minutes) * 60

await using server = await startServer({ autovacuum: 'on', max_connections: '200' })
const facts = await server.makeDatabase('measured')
await withClient(facts, (client) => fillForBench(client, { fees: 12_000, payments: 40_000 }))
await using endpoint = await startSql(facts)

const memory: number[] = []
let ticks = 0
let changes = 0
const soaked = await soak({
  facts,
  endpoint: endpoint.url,
  clients,
  seconds,
  onTick({ answers, wrong, cancels, disconnects }) {
    ticks++
    if (ticks % 5 === 0) {
      changes++
      void change()
    }
    if (ticks % 15 === 0)
      void report(
        `${answers} answers, ${wrong.length} wrong, ${cancels} cancels, ${disconnects} disconnects`,
      )
  },
})
await sleep(6000)
const [left, rollups] = await withClient(facts, async (client) => {
  const { rows } = await client.query<{ sessions: number; rollups: number }>(
    `SELECT count(*)::int AS sessions,
       (SELECT count(*)::int FROM pg_tables WHERE schemaname = 'rollup') AS rollups
     FROM pg_stat_activity WHERE usename LIKE 'recoup_bi_%'`,
  )
  return [rows[0]!.sessions, rows[0]!.rollups] as const
})
const [first = 0] = memory.slice(Math.floor(60 / 15) - 1)
const last = await endpoint.memory()
console.log(`answers        ${soaked.answers}
wrong          ${soaked.wrong.length}
cancels        ${soaked.cancels}
disconnects    ${soaked.disconnects}
errors         ${soaked.errors.length}
changes        ${changes} of the warehouse, each with a new rollup; of the last minute and now there are ${rollups}
sessions left  ${left}
memory         ${first.toFixed(0)} MiB after a minute, ${last.toFixed(0)} MiB at the end`)
for (const line of [...soaked.wrong, ...soaked.errors]) console.log(line)
const isFlat = last <= first * 1.1
process.exitCode =
  soaked.wrong.length === 0 && soaked.errors.length === 0 && left === 0 && isFlat ? 0 : 1

async function report(counts: string) {
  const now = await endpoint.memory()
  memory.push(now)
  console.error(`${ticks} s: ${counts}, ${now.toFixed(0)} MiB`)
}

/** Something changed that no answer depends on: rollups are of another version now. */
function change() {
  return withClient(facts, (client) =>
    client.query(`INSERT INTO engine.materialization (run, asset, partition, rows, changed, reads, metadata)
      VALUES (1, 'mart.fact_fee_event', '${changes}', 1, true, '[]', '{}')`),
  )
}
