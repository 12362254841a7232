/** Cube and the SQL endpoint in a process of their own, over the warehouse given. */
import { startCube } from '#cube/server/start-cube.ts'
import { startSqlEndpoint } from '#cube/sql/endpoint.ts'

import { serveParent } from '../child.ts'

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
await serveParent(endpoint.port)
await endpoint.close()
await cube.close()
process.exit()
