import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { json } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'

interface Attribute {
  key: string
  value: { stringValue?: string; intValue?: number; doubleValue?: number }
}

interface SentSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: Attribute[]
  links?: { traceId: string; spanId: string }[]
  status: { code?: number; message?: string }
  events: { name: string; attributes: Attribute[] }[]
}

/** A span as a collector got it. */
export type Span = Omit<SentSpan, 'attributes'> & {
  scope: string
  service: unknown
  attributes: Record<string, unknown>
}

/** A collector of OTLP over HTTP, as JSON. */
export async function startCollector() {
  const spans: Span[] = []
  const metrics = new Set<string>()
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await json(request)
    const { resourceSpans = [], resourceMetrics = [] } = body as {
      resourceSpans?: {
        resource: { attributes: Attribute[] }
        scopeSpans: { scope: { name: string }; spans: SentSpan[] }[]
      }[]
      resourceMetrics?: { scopeMetrics: { metrics: { name: string }[] }[] }[]
    }
    for (const { resource, scopeSpans } of resourceSpans)
      for (const { scope, spans: sent } of scopeSpans)
        for (const span of sent)
          spans.push({
            ...span,
            scope: scope.name,
            service: plain(resource.attributes)['service.name'],
            attributes: plain(span.attributes),
          })
    for (const { scopeMetrics } of resourceMetrics)
      for (const scope of scopeMetrics) for (const { name } of scope.metrics) metrics.add(name)
    response.setHeader('content-type', 'application/json').end('{}')
  }
  const server = createServer((request, response) => void take(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, spans, metrics }
}

function plain(attributes: readonly Attribute[]): Record<string, unknown> {
  const values = attributes.map(({ key, value }) => [
    key,
    value.stringValue ?? value.intValue ?? value.doubleValue,
  ])
  return Object.fromEntries(values) as Record<string, unknown>
}
