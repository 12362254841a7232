import { askCube } from '../ask-cube.ts'
import { signToken } from '#cube/server/sign-token.ts'
import { startCube } from '#cube/server/start-cube.ts'

/** Asks one question and closes; a process that is still there afterwards was kept by Cube. */
const [databaseUrl = '', model = ''] = process.argv.slice(2)
const cube = await startCube({ databaseUrl, model, secret: 's' })
const token = signToken('s', { groups: ['admin'], marketplaces: 'all' })
await askCube({ url: cube.url, token }, { dimensions: ['sales.id'] })
const before = process.cpuUsage()
await new Promise((resolve) => setTimeout(resolve, 2000))
const { user, system } = process.cpuUsage(before)
await cube.close()
// The pipe is this program's own standard output.
const resources = () => process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap')
// A closed socket is listed until the event loop has come by; what is still there later was kept.
let keptAliveBy = resources()
for (let turn = 0; turn < 10 && keptAliveBy.length > 0; turn++) {
  await new Promise((resolve) => setTimeout(resolve, 50))
  keptAliveBy = resources()
}
console.log(JSON.stringify({ idleCpu: (user + system) / 2e6, keptAliveBy }))
