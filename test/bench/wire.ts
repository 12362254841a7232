/** `npm run bench:wire`: what the endpoint adds to Postgres when nothing has to be translated. */
import { Client } from 'pg'

import { median } from './median.ts'
import { startServer, withClient } from './server.ts'
import { drain } from './sql/drain.ts'
import { startEndpoint } from './wire/endpoint.ts'

await using server = await startServer()
const direct = server.urlOf('postgres')
await using endpoint = await startEndpoint(direct)

const rounds = 5
const prepared = { name: 'kpi', text: 'select $1::int as n', values: [1] }
const many = (rows: number) =>
  `select n as fee_id, n * 1.5 as amount, 'marketplace' as place, now() as at from generate_series(1, ${rows}) as n`

const cases: [string, (client: Client) => Promise<unknown>, number][] = [
  ['prepared', (client) => client.query(prepared), 3000],
  ['simple', (client) => client.query('select 1 as n'), 3000],
  ['200k rows', (client) => drain(client, many(200_000)), 1],
]
for (const [name, run, times] of cases) {
  const figures: Record<'direct' | 'endpoint', number[]> = { direct: [], endpoint: [] }
  for (let round = 0; round <= rounds; round++)
    for (const [way, url] of [
      ['direct', direct],
      ['endpoint', endpoint.url],
    ] as const)
      await withClient(url, async (client) => {
        await run(client)
        const from = performance.now()
        for (let n = 0; n < times; n++) await run(client)
        // The first round is for the compilers.
        if (round > 0) figures[way].push((performance.now() - from) / times)
      })
  const [one, other] = [median(figures.direct), median(figures.endpoint)]
  console.log(
    `${name.padEnd(10)} direct ${one.toFixed(3)} ms, endpoint ${other.toFixed(3)} ms, x${(other / one).toFixed(2)}`,
  )
}

for (const [way, url] of [
  ['direct', direct],
  ['endpoint', endpoint.url],
] as const) {
  const clients = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const client = new Client({ connectionString: url })
      await client.connect()
      return client
    }),
  )
  const until = performance.now() + 3000
  let count = 0
  const from = performance.now()
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < until) {
        await client.query('select 1 as n')
        count++
      }
    }),
  )
  const rate = count / ((performance.now() - from) / 1000)
  console.log(`8 clients, simple, ${way}: ${Math.round(rate)} queries/s`)
  await Promise.all(clients.map((client) => client.end()))
}

const before = await endpoint.memory()
const samples = [before]
const watch = setInterval(() => void look(), 50)
async function look() {
  samples.push(await endpoint.memory())
}
await withClient(endpoint.url, (client) => drain(client, many(1_000_000)))
clearInterval(watch)
console.log(
  `1M rows: memory from ${before.toFixed(0)} to at most ${Math.max(...samples).toFixed(0)} MiB in ${samples.length} looks`,
)
