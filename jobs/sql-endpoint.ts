import { readFile } from 'node:fs/promises'

import { DEFAULT_ADDRESS, isThisMachine } from '#cube/bi/address.ts'
import type { Cube } from '#cube/server/start-cube.ts'
import type { Endpoint } from '#cube/sql/endpoint.ts'

/** Where BI tools find it unless somebody says otherwise. */
export const SQL_PORT = DEFAULT_ADDRESS.port

export interface SqlEndpointOptions {
  cube: Cube
  databaseUrl: string
  secret: string
  host?: string
  port?: number
  onProblem: (problem: string) => void
}

/** The SQL endpoint in this process, over a Cube that runs in it. */
export async function openSqlEndpoint({
  cube,
  ...options
}: SqlEndpointOptions): Promise<Endpoint & AsyncDisposable> {
  const { port = SQL_PORT, host = '127.0.0.1' } = options
  const tls = await readCertificate(host)
  const { startSqlEndpoint } = await import('#cube/sql/endpoint.ts')
  const start = (wanted: number) =>
    startSqlEndpoint({ door: cube.sqlDoor, ...options, ...tls, port: wanted })
  const endpoint = await start(port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    if (options.port === undefined) return start(0)
    throw new Error(
      `Port ${port} is taken by another program, so the SQL endpoint cannot listen there. ` +
        'Name another with --sql-port.',
      { cause: error },
    )
  })
  return { ...endpoint, [Symbol.asyncDispose]: () => endpoint.close() }
}

/** The certificate of RECOUP_SQL_TLS_CERT and _KEY; who listens to other machines needs one. */
async function readCertificate(host: string, env: NodeJS.ProcessEnv = process.env) {
  const { RECOUP_SQL_TLS_CERT: cert, RECOUP_SQL_TLS_KEY: key, RECOUP_SQL_TLS: choice } = env
  if (cert && key)
    return {
      tls: { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') },
      requireTls: !isThisMachine(host),
    }
  if (isThisMachine(host) || choice === 'off') return {}
  throw new Error(
    `The SQL endpoint is to listen on ${host}, where passwords and answers can be read on the way. ` +
      'Name a certificate and its key in RECOUP_SQL_TLS_CERT and RECOUP_SQL_TLS_KEY, or set ' +
      'RECOUP_SQL_TLS=off where the network encrypts by itself.',
  )
}
