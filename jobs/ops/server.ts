import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What an address answers. */
export interface Answer {
  status: number
  body: string | object
  type?: string
}

/** Answers by path. */
export type Answers = Readonly<Record<string, () => Answer | Promise<Answer>>>

/** A small HTTP server for those who watch over a process: GET and HEAD, nothing else. */
export async function startOpsServer(
  answers: Answers,
  { host, port }: { host: string; port: number },
): Promise<{ url: string } & AsyncDisposable> {
  const answer = async (method = '', path = ''): Promise<Answer> => {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { error: 'GET only' } }
    const found = Object.hasOwn(answers, path) ? answers[path] : undefined
    if (!found) return { status: 404, body: { error: 'not here', here: Object.keys(answers) } }
    return await found()
  }
  const respond = async ({ method, url }: IncomingMessage, response: ServerResponse) => {
    const { status, body, type } = await answer(method, url?.split('?')[0]).catch(failure)
    const words = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`
    const headers = { 'content-type': type ?? 'application/json', 'cache-control': 'no-store' }
    response.writeHead(status, headers).end(words)
  }
  const server = createServer((request, response) => void respond(request, response))
  server.listen(port, host)
  await once(server, 'listening')
  const { port: given } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${given}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function failure(error: Error): Answer {
  return { status: 500, body: { error: error.message } }
}
