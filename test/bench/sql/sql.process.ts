/**
 * Cube and the SQL endpoint in a process of their own, over the warehouse given. Tells its port; on a
 * line that is empty, its memory, else the text that the line's SQL becomes.
 */
import { createInterface } from 'node:readline'

import { startCube } from '#cube/server/start-cube.ts'
import { startSqlEndpoint } from '#cube/sql/endpoint.ts'

const [databaseUrl = ''] = process.argv.slice(2)
const secret = 'bench'
const cube = await startCube({ databaseUrl, secret })
const endpoint = await startSqlEndpoint({
  door: cube.sqlDoor,
  databaseUrl,
  secret,
  port: 0,
  limits: { sessionsPerUser: 100 },
  onProblem: console.error,
})
console.log(endpoint.port)
for await (const _ of createInterface(process.stdin)) {
  // Garbage that was not collected yet is no leak.
  globalThis.gc?.()
  console.log(process.memoryUsage().rss)
}
await endpoint.close()
await cube.close()
process.exit()
