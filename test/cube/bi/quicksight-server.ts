import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request that QuickSight got. */
export interface Received {
  method: string
  path: string
  body: Record<string, unknown>
}

/** What answers a request; without an answer it is 404, as for a thing that QuickSight does not have. */
export type Answer = (
  received: Received,
) => { status?: number; type?: string; body: object } | undefined

/** Stands where QuickSight would be and keeps what it was asked. */
export async function quicksightServer(answer: Answer) {
  const received: Received[] = []
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const sent = await text(request)
    const one: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      body: sent ? (JSON.parse(sent) as Record<string, unknown>) : {},
    }
    received.push(one)
    const missing = { status: 404, type: 'ResourceNotFoundException', body: { Message: 'none' } }
    const { status = 200, type, body } = answer(one) ?? missing
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(type && { 'x-amzn-errortype': type }),
    })
    response.end(JSON.stringify(body))
  }
  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
