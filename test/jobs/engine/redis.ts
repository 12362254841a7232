import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** A Redis of the tests' own, on a free port of the loopback, that keeps nothing. */
export interface TestRedis {
  url: string
  close: () => Promise<void>
}

const program = 'redis-server'

export const redisIsInstalled = spawnSync(program, ['--version']).status === 0

export async function startRedis(): Promise<TestRedis> {
  const port = await freePort()
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = spawn(program, options, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(server, 'exit')
  for await (const words of server.stdout) if (/Ready to accept/.test(`${words}`)) break
  return {
    url: `redis://127.0.0.1:${port}`,
    async close() {
      server.kill()
      await exit
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
