/** `npm run fuzz:sql -- --cases N --seed S`: the protocol of the SQL endpoint, damaged at random. */
import { parseArgs } from 'node:util'

import { fuzz } from '#test/cube/sql/wire/fuzz.ts'

import { startServer, withClient } from './server.ts'
import { startEndpoint } from './wire/endpoint.ts'

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
})
const parts = 10
/** In MiB, from the end of the first part on. */
const mostGrowth = 30
const cases = Math.ceil(Number(values.cases) / parts)

await using server = await startServer()
await using endpoint = await startEndpoint(server.urlOf('postgres'))
let first: number | undefined
for (let part = 0; part < parts; part++) {
  const seed = Number(values.seed) + part * cases
  await fuzz({ port: endpoint.port, cases, seed, login: { user: 'ada', password: 'ada' } })
  await withClient(endpoint.url, (client) => client.query('select 1'))
  const memory = await endpoint.memory()
  first ??= memory
  if (memory > first + mostGrowth) process.exitCode = 1
  console.log(`${(part + 1) * cases} cases, the endpoint answers, ${memory.toFixed(0)} MiB`)
}
