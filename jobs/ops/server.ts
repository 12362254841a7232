import { once } from 'node:events'
import { createServer } from 'node:http'
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
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    void answer(request.method, path)
      .catch((error: Error): Answer => ({ status: 500, body: { error: error.message } }))
      .then(({ status, body, type = 'application/json' }) => {
        const words = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
        response.end(words)
      })
  })
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
