import { connect as connectSocket, type Socket } from 'node:net'

import pg from 'pg'

import { int32 } from './messages.ts'

/** A session on the warehouse that speaks the protocol with nobody yet. */
export interface Backend {
  stream: Socket
  /** What the warehouse told about the session, by name. */
  status: Map<string, string>
  /** Has the warehouse cancel what the session runs; resolves once it was told. */
  cancel(): Promise<void>
}

const patienceMs = 10_000

/** Opens a session with settings that `RESET` goes back to. */
export async function openBackend(
  config: pg.ClientConfig,
  { application, settings }: { application: string; settings: ReadonlyMap<string, string> },
): Promise<Backend> {
  const client = new pg.Client({
    connectionTimeoutMillis: patienceMs,
    ...withOptions(config, settings),
    application_name: application,
    keepAlive: true,
  })
  const { connection } = client as unknown as Inside
  const status = new Map<string, string>()
  connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) =>
    status.set(parameterName, parameterValue),
  )
  // Once it is connected, the relay hears of the end from the stream itself.
  client.on('error', () => {})
  await client.connect()
  // From here on nobody but the relay reads it.
  const stream = connection.stream as Socket
  stream.pause()
  stream.removeAllListeners('data')
  return { stream, status, cancel: () => cancel(client) }
}

/** The name of the database that a config leads to. */
export function databaseOf(config: pg.ClientConfig): string {
  return new pg.Client(config).database ?? 'postgres'
}

/** What `pg` has of a session and does not put into its types. */
interface Inside {
  connection: pg.Connection
  processID: number
  secretKey: number
}

interface ParameterStatus {
  parameterName: string
  parameterValue: string
}

/** `pg` lets the options of an address win over those given beside it, so they are joined here. */
function withOptions(config: pg.ClientConfig, settings: ReadonlyMap<string, string>) {
  const given = [config.options ?? '']
  const own = [...settings].map(([name, value]) => `-c ${name}=${escapeOption(value)}`)
  const { connectionString } = config
  if (connectionString === undefined || !URL.canParse(connectionString))
    return { ...config, options: [...given, ...own].join(' ') }
  const url = new URL(connectionString)
  given.push(url.searchParams.get('options') ?? '')
  for (const name of ['options', 'application_name']) url.searchParams.delete(name)
  return { ...config, connectionString: url.href, options: [...given, ...own].join(' ') }
}

function escapeOption(value: string) {
  return value.replaceAll(/[\\\s]/g, String.raw`\$&`)
}

const cancelRequest = 80_877_102

function cancel(client: pg.Client): Promise<void> {
  const { processID, secretKey } = client as unknown as Inside
  const { host, port } = client
  const told = Promise.withResolvers<void>()
  const socket = host.startsWith('/')
    ? connectSocket(`${host}/.s.PGSQL.${port}`)
    : connectSocket(port, host)
  socket.setTimeout(patienceMs, () => socket.destroy())
  socket.on('connect', () => socket.write(int32(16, cancelRequest, processID, secretKey)))
  socket.resume()
  socket.on('error', () => {})
  socket.on('close', () => told.resolve())
  return told.promise
}
