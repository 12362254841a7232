import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'

import { tokenCheck } from '#cube/access/check-token.ts'
import { identityProviderOf } from '#cube/access/identity-provider.ts'

import { cubeClient } from '../kpis/cube-client.ts'
import { readWatermarks } from '../kpis/watermarks.ts'
import { connect } from '../postgres/pool.ts'
import { UsageError } from '../terminal/mistakes.ts'
import { readAddress } from './address.ts'
import { openExport } from './export.ts'
import { whoAsks } from './who.ts'

export interface ExportServerOptions {
  databaseUrl: string
  /** Cube's API, which answers for KPIs. */
  cubeUrl: string
  /** Signs the tokens, as for Cube. */
  secret: string
  /** A free one when left out. */
  port?: number
  host?: string
  /** Hears what went wrong on our side, a sentence each. */
  onProblem?: (problem: string) => void
}

/** Serves `GET /export/<table or KPI>?format=...` until it is disposed of. */
export interface ExportServer extends AsyncDisposable {
  /** `http://127.0.0.1:4001/export`. */
  url: string
}

/** So many exports at once; each holds a session of the warehouse and some 100 MB. */
const atOnce = 4
const loopback = '127.0.0.1'

export async function startExportServer(options: ExportServerOptions): Promise<ExportServer> {
  const { databaseUrl, host = loopback, port = 0 } = options
  // Two sessions more than exports: for what is asked before one begins, and to cancel one.
  const warehouse = connect(databaseUrl, { max: atOnce + 2, application_name: 'recoup export' })
  const check = tokenCheck(options.secret, identityProviderOf(process.env))
  const stop = new AbortController()
  const underWay = new Set<Promise<void>>()
  const server = createServer((request, response) => {
    const work = answer(request, response)
    underWay.add(work)
    void work.finally(() => underWay.delete(work))
  })

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const gone = new AbortController()
    response.once('close', () => {
      if (!response.writableFinished) gone.abort(new Error('The client went away.'))
    })
    const signal = AbortSignal.any([gone.signal, stop.signal])
    try {
      await send(request, response, signal)
    } catch (error) {
      if (!signal.aborted && !(error instanceof UsageError) && !(error instanceof Refusal))
        options.onProblem?.(`Export ${request.url}: ${String(error)}`)
      // Bytes were sent as if more were to come: only a broken connection tells that none will.
      if (response.headersSent || response.destroyed) response.destroy()
      else refuse(response, error)
    }
  }

  const send = async (request: IncomingMessage, response: ServerResponse, signal: AbortSignal) => {
    if (request.method !== 'GET') throw new Refusal(405, 'Only GET is answered here.')
    // Without this one, which is not counted before it first waits.
    const isFull = underWay.size >= atOnce
    const who = await whoAsks(request.headers.authorization, check)
    if (!who) throw new Refusal(401, 'Send a token: Authorization: Bearer $(npx recoup token)')
    if (isFull) throw busy
    const found = readAddress(request.url ?? '')
    if (!found) throw new Refusal(404, 'Ask for /export/<table or KPI>?format=arrow')

    const { asked, packaging } = found
    const kpis = async () => ({
      cube: cubeClient(options.cubeUrl, who.token),
      watermarks: await readWatermarks(warehouse.pool),
    })
    await using out = await openExport(asked, packaging, {
      pool: warehouse.pool,
      kpis,
      signal,
      onTable: (name) => {
        if (!who.seesAll)
          throw new Refusal(
            403,
            `${name} has every marketplace, and nothing in it is masked: only admin sees it.`,
          )
      },
    })
    const bytes = out.bytes[Symbol.asyncIterator]()
    // What can fail at once fails here, while a sentence can still be sent.
    const first = await bytes.next()
    response.writeHead(200, {
      'content-type': packaging.contentType,
      'content-disposition': `attachment; filename="${out.name}${packaging.ending}"`,
      'cache-control': 'no-store',
    })
    await pipeline(async function* () {
      if (!first.done) yield first.value
      yield* { [Symbol.asyncIterator]: () => bytes }
    }, response)
  }

  await listen(server, port, host)
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://${host === '0.0.0.0' ? loopback : host}:${bound}/export`,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('Recoup is stopping.'))
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await Promise.allSettled(underWay)
      await closed
      await warehouse.close()
    },
  }
}

/** An answer that is not the rows. */
class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const busy = new Refusal(503, `${atOnce} exports are under way already. Ask again in a minute.`)

function refuse(response: ServerResponse, error: unknown) {
  const status = error instanceof Refusal ? error.status : error instanceof UsageError ? 400 : 500
  const message = error instanceof Error ? error.message : String(error)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(status === 503 && { 'retry-after': '60' }),
  })
  response.end(`${JSON.stringify({ error: message })}\n`)
}

async function listen(server: Server, port: number, host: string) {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  await promise.catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause
    throw new Error(
      `Port ${port} is taken by another program, so exports cannot be served there. ` +
        'Name another with --export-port.',
      { cause },
    )
  })
}
