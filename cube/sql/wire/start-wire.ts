import { randomBytes } from 'node:crypto'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createSecureContext } from 'node:tls'

import type pg from 'pg'

import type { FindUser } from '../../access/user.ts'
import type { Audit } from '../audit.ts'
import { Refusal } from '../refusal.ts'
import type { Translator } from '../translator.ts'
import { databaseOf } from './backend.ts'
import { channelBindingOf } from './channel-binding.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { receive } from './receive.ts'
import { createSessions, type Sitting } from './sessions.ts'
import { createThrottle } from './throttle.ts'

export interface WireOptions {
  /** A free one when left out. */
  port?: number
  /** Where to listen; only this machine can reach the loopback address, the default. */
  host?: string
  translator: Translator
  findUser: FindUser
  /** How to connect to the warehouse, as the role that may read what the translator reads. */
  backend: pg.ClientConfig
  /** Key and certificates in PEM; without them nothing is encrypted. */
  tls?: { key: string; cert: string }
  /** Turns away who does not encrypt. */
  requireTls?: boolean
  limits?: Partial<Limits>
  audit: Audit
  /** Something that only the server knows and that stays: it hides which users there are. */
  secret?: string
  /** Hears what went wrong, a sentence each. */
  onProblem?: (problem: string) => void
}

/** A running endpoint that speaks the protocol of Postgres. */
export interface Wire {
  port: number
  sessions(): Sitting[]
  /** Ends all sessions with a word, and listens no more. */
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const keepAliveMs = 60_000

/** Listens for clients of Postgres and gives each a session on the warehouse. */
export async function startWire(options: WireOptions): Promise<Wire> {
  const { tls, requireTls = false, onProblem = console.error } = options
  if (requireTls && !tls)
    throw new Error('TLS is required and there is no certificate. Give key and certificate in tls.')
  const limits = { ...defaultLimits, ...options.limits }
  const sessions = createSessions(limits)
  const house = {
    ...options,
    databases: ['recoup', databaseOf(options.backend)],
    secure: tls && createSecureContext({ ...tls, minVersion: 'TLSv1.2' }),
    requiresTls: requireTls,
    binding: tls && channelBindingOf(tls.cert),
    secret: options.secret ?? randomBytes(32).toString('hex'),
    limits,
    onProblem,
    sessions,
    throttle: createThrottle(),
  }
  const open = new Set<Socket>()
  const server = createServer({
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
  })
  server.on('connection', (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    void receive(house, socket)
  })
  await listen(server, options.port ?? 0, options.host ?? LOOPBACK)
  server.on('error', (error) => onProblem(`SQL endpoint: ${error.message}`))

  return {
    port: (server.address() as AddressInfo).port,
    sessions: sessions.list,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await sessions.close(shutDown)
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

const shutDown = new Refusal('The server is being stopped.', {
  code: '57P01',
  hint: 'Connect again in a moment.',
})

function listen(server: Server, port: number, host: string) {
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
