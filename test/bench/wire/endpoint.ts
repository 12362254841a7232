import { join } from 'node:path'

import { startProcess } from '../child.ts'

/** An endpoint that passes SQL through, in another process. */
export async function startEndpoint(databaseUrl: string) {
  const server = await startProcess(join(import.meta.dirname, 'wire.process.ts'), databaseUrl)
  return { ...server, url: `postgres://ada:ada@127.0.0.1:${server.port}/recoup` }
}
