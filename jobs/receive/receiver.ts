import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import type { Source } from '#kit/asset.ts'
import { milliseconds, type Receiver, reveal } from '#kit/connect/connector.ts'
import { distrust } from '#kit/connect/webhook.ts'
import { feedName } from '#kit/read/header.ts'

import type { Home } from '../home.ts'
import { type Journal, JournalFullError, openJournal } from './journal.ts'
import { readRecords } from './records.ts'
import { recoverJournals } from './recover.ts'

/** A feed that is sent to Recoup. */
export type ReceivedSource = Source & { from: Receiver }

/** A running endpoint: `POST <url>/hooks/<feed>`. */
export interface RunningReceiver {
  url: string
  /** Journals of a receiver that was killed, which are now files of the inbox. */
  recovered: number
  close: () => Promise<void>
}

export interface ReceiverOptions {
  env?: NodeJS.ProcessEnv
  host?: string
  /** A free one when left out. */
  port?: number
  nowMs?: () => number
  /** Hears what went wrong here; the sender is told to send again. */
  onProblem?: (problem: string) => void
}

export function isReceived(source: Source): source is ReceivedSource {
  return source.from?.kind === 'receive'
}

/** One feed's endpoint, ready for requests. */
interface Hook {
  from: Receiver
  secrets: string
  journal: Journal
  /** Requests that were answered, by id, with the time they may be forgotten. */
  received: Map<string, number>
}

/** What a sender is told. */
interface Reply {
  status: number
  message: string
  retryAfter?: number
}

/**
 * Takes what is sent to the feeds, writes it down durably, and only then answers 2xx. Needs no
 * warehouse: it keeps what comes while Postgres is away.
 */
export async function startReceiver(
  { inbox }: Pick<Home, 'inbox'>,
  feeds: readonly ReceivedSource[],
  options: ReceiverOptions = {},
): Promise<RunningReceiver> {
  const { env = process.env, host = '127.0.0.1', port = 0, nowMs = Date.now } = options
  const { onProblem = console.error } = options
  const hooks = new Map<string, Hook>()
  const recover = async (own: boolean) => {
    const counts = feeds.map(({ name, from }) =>
      recoverJournals(join(inbox, feedName({ name })), {
        ageMs: milliseconds(from.rotate.after),
        own,
      }),
    )
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  }
  const recovered = await recover(true)
  for (const { name, from } of feeds) {
    const feed = feedName({ name })
    const { bytes, after } = from.rotate
    hooks.set(feed, {
      from,
      secrets: reveal(from.secret, { feed, env }),
      journal: openJournal(join(inbox, feed), { bytes, ageMs: milliseconds(after), onProblem }),
      received: new Map(),
    })
  }

  const server = createServer({ requestTimeout: 30_000 }, (request, response) => {
    void (async () => {
      const reply = answer(request, hooks, nowMs())
      const { status, message, retryAfter } = await reply.catch((error: unknown): Reply => {
        if (error instanceof JournalFullError) return later(error.message)
        // A sender that went away in the middle of its body hears nothing.
        if (request.complete) onProblem(String(error))
        return later('It could not be written down. Send it again.')
      })
      if (retryAfter) response.setHeader('retry-after', retryAfter)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify({ message })}\n`)
    })()
  })
  await listen(server, port, host)
  const looking = setInterval(() => void recover(false).catch(() => {}), 60_000)
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    recovered,
    async close() {
      clearInterval(looking)
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      await closed
      await Promise.all([...hooks.values()].map(({ journal }) => journal.close()))
    },
  }
}

function later(message: string): Reply {
  return { status: 503, message, retryAfter: 5 }
}

async function answer(
  request: IncomingMessage,
  hooks: ReadonlyMap<string, Hook>,
  nowMs: number,
): Promise<Reply> {
  const path = new URL(request.url ?? '/', 'http://recoup').pathname
  if (path === '/health') return { status: 200, message: 'ok' }
  const hook = path.startsWith('/hooks/') && hooks.get(path.slice('/hooks/'.length))
  if (!hook) {
    const paths = [...hooks.keys()].map((feed) => `/hooks/${feed}`)
    return { status: 404, message: `There is no ${path}. There is ${paths.join(', ')}.` }
  }
  if (request.method !== 'POST') return { status: 405, message: 'Send it with POST.' }
  if (![undefined, 'identity'].includes(request.headers['content-encoding']))
    return { status: 415, message: 'Send the body as it is, without content-encoding.' }
  const { maxBytes, tolerance } = hook.from
  const body = await readBody(request, maxBytes)
  if (!body) return { status: 413, message: `The body is larger than ${maxBytes} bytes.` }

  const header = (name: string) => request.headers[name]?.toString()
  const id = header('webhook-id')
  const timestamp = header('webhook-timestamp')
  const signatures = header('webhook-signature')
  const { secrets } = hook
  const reason = distrust(body, { id, timestamp, signatures }, { secrets, tolerance, nowMs })
  if (reason) return { status: 401, message: reason }

  if (wasReceived(hook, id, nowMs)) return { status: 200, message: 'It was received before.' }
  const read = readRecords(body)
  if ('mistake' in read) return { status: 400, message: read.mistake }
  await hook.journal.append(read.lines)
  if (id) hook.received.set(id, nowMs + 2 * milliseconds(tolerance))
  return { status: 202, message: `${read.records} received.` }
}

/** Known for as long as the same request would be trusted; its rows' keys are known for ever. */
function wasReceived({ received }: Hook, id: string | undefined, nowMs: number): boolean {
  for (const [earlier, until] of received) {
    if (until > nowMs) break
    received.delete(earlier)
  }
  return id !== undefined && received.has(id)
}

/** The body, or null when it is larger than allowed; it is then read on, so that the sender hears it. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  let chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= maxBytes) chunks.push(chunk)
    else chunks = []
  }
  return bytes > maxBytes ? null : Buffer.concat(chunks)
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`Nobody can listen on ${host}:${port}: ${cause.message}`, { cause })),
    )
    server.listen(port, host, resolve)
  })
}
