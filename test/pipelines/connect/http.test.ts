import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect } from 'vitest'

import { env } from '#kit/connect/connector.ts'
import { http } from '#kit/connect/http.ts'
import { rawFeeEvent } from '#pipelines/fees/fee-event.ts'

import { test as base } from './kit.ts'

/** What an API keeps of a fee event. */
interface Fee {
  id: string
  amount: number
  updated: string
}

const fees = (count: number, updated = '2026-10-01T00:00:00Z'): Fee[] =>
  Array.from({ length: count }, (_, n) => ({ id: `E${1000 + n}`, amount: n, updated }))

/** The API's record as the contract has it. */
const record = ({ id, amount, updated }: Record<string, unknown>) => ({
  ...rawFeeEvent.example,
  source_event_id: id,
  amount_minor: amount,
  recorded_at: updated,
})

type Answer = (request: IncomingMessage, url: URL, response: ServerResponse) => unknown

/** An API on a port of its own that answers as a test says, and writes down what it was asked. */
const test = base.extend('api', async ({}, { onCleanup }) => {
  const asked: string[] = []
  let answer: Answer = () => []
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://api')
    asked.push(url.pathname + url.search)
    const body = answer(request, url, response)
    if (!response.writableEnded && !response.destroyed) response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onCleanup(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fees`
  return {
    asked,
    address,
    answers: (next: Answer) => (answer = next),
    from: (options: Partial<Parameters<typeof http>[0]> = {}) =>
      http({ url: address, record, patience: { first: { seconds: 0.01 } }, ...options }),
  }
})

const page = (all: Fee[], from: number, size = 10) => all.slice(from, from + size)

test.for([
  ['counted pages', { number: 'page' }],
  ['counted pages whose number is known', { number: 'page', last: 'pages' }],
  ['counted records', { offset: 'from' }],
  ['a token', { cursor: 'meta.next', parameter: 'after' }],
  ['a link', { link: 'links.next' }],
  ['a Link header', { linkHeader: true }],
] as const)('every record of an API with %s is loaded once', async ([, pages], { api, recoup }) => {
  const all = fees(35)
  api.answers((_, url, response) => {
    const { searchParams: asked } = url
    const from = Number(
      asked.get('from') ?? asked.get('after') ?? (Number(asked.get('page') ?? 1) - 1) * 10,
    )
    const next = from + 10 < all.length ? from + 10 : null
    const link = next && `/fees?from=${next}`
    if (link) response.setHeader('link', `<${link}>; rel="next", </fees>; rel="first"`)
    return { data: { items: page(all, from) }, meta: { next }, links: { next: link }, pages: 4 }
  })
  await recoup.pull(rawFeeEvent, api.from({ pages, records: 'data.items' }))
  expect(await recoup.load(rawFeeEvent)).toMatchObject({ rows: 35, metadata: { rowsRead: 35 } })
  const rows = await recoup.rows(rawFeeEvent)
  expect(rows.map(({ source_event_id }) => source_event_id)).toEqual(all.map(({ id }) => id))
})

test('an API that fails now and then, breaks off or asks for patience is asked again', async ({
  api,
  recoup,
}) => {
  const all = fees(40)
  const troubles: Answer[] = [
    (_, __, response) => {
      response.statusCode = 503
    },
    (_, __, response) => response.destroy(),
    (_, __, response) => response.end('[{"id": "E10'),
    (_, __, response) => {
      response.statusCode = 429
      response.setHeader('retry-after', '1')
    },
    (_, __, response) => {
      response.statusCode = 429
      response.setHeader('retry-after', new Date(Date.now() + 1_000).toUTCString())
    },
  ]
  let request = 0
  api.answers((...given) => {
    const trouble = request++ % 2 === 0 ? troubles.shift() : undefined
    return trouble ? trouble(...given) : page(all, Number(given[1].searchParams.get('from')))
  })
  const start = Date.now()
  await recoup.pull(rawFeeEvent, api.from({ pages: { offset: 'from' } }))
  expect(Date.now() - start).toBeGreaterThan(900)
  await recoup.load(rawFeeEvent)
  expect(await recoup.rows(rawFeeEvent)).toHaveLength(40)
  expect(troubles).toEqual([])
})

test('what will not get better is not asked again, and nothing of it is kept', async ({
  api,
  recoup,
}) => {
  api.answers((_, url, response) => {
    if (url.searchParams.get('page') === '1') return fees(10)
    response.statusCode = 403
    return { error: 'not for you' }
  })
  const pulled = recoup.pull(rawFeeEvent, api.from({ pages: { number: 'page' } }))
  await expect(pulled).rejects.toThrow(
    `fee_event: GET ${api.address} answered 403: {"error":"not for you"}.`,
  )
  expect(api.asked).toHaveLength(2)
  expect(recoup.files(rawFeeEvent)).toEqual([])
  expect(await recoup.cursor(rawFeeEvent)).toBe(null)
})

test('an API that stays broken is given up after six tries', async ({ api, recoup }) => {
  api.answers((_, __, response) => {
    response.statusCode = 500
  })
  await expect(recoup.pull(rawFeeEvent, api.from())).rejects.toThrow('answered 500 (6 times)')
  expect(api.asked).toHaveLength(6)
})

test('a next link that leads back does not go round for ever', async ({ api, recoup }) => {
  api.answers((_, url) => ({
    items: fees(2),
    next: url.searchParams.get('p') === '2' ? '/fees' : '/fees?p=2',
  }))
  const connector = api.from({ pages: { link: 'next' }, records: 'items' })
  await expect(recoup.pull(rawFeeEvent, connector)).rejects.toThrow('the same records for page 2')
  expect(api.asked).toEqual(['/fees', '/fees?p=2'])
})

test('nor one that leads back with other records on the way', async ({ api, recoup }) => {
  const links: Record<string, string> = { '': '/fees?p=2', '?p=2': '/fees?p=3', '?p=3': '/fees' }
  api.answers((_, { search }) => ({
    items: [{ id: search, amount: 1, updated: '2026-10-01T00:00:00Z' }],
    next: links[search],
  }))
  const connector = api.from({ pages: { link: 'next' }, records: 'items' })
  await expect(recoup.pull(rawFeeEvent, connector)).rejects.toThrow(
    'leads back to a page that was read already, after 3 pages',
  )
})

test('an API that does not know the page parameter is found out, not loaded up to page 1', async ({
  api,
  recoup,
}) => {
  api.answers(() => fees(10))
  await expect(recoup.pull(rawFeeEvent, api.from({ pages: { number: 'seite' } }))).rejects.toThrow(
    'gave the same records for page 2 as for the page before',
  )
})

test('a secret goes to the API in every request, is in no message, and to no other place', async ({
  api,
  recoup,
}) => {
  const seen: unknown[] = []
  api.answers((request, url) => {
    seen.push([request.headers.authorization, url.searchParams.get('key')])
    const next = url.searchParams.has('p') ? 'http://127.0.0.1:1/steal' : '/fees?p=2'
    return { items: [{ id: next, amount: 1, updated: '2026-10-01T00:00:00Z' }], next }
  })
  const connector = api.from({
    pages: { link: 'next' },
    records: 'items',
    headers: { authorization: env('TOKEN', (token) => `Bearer ${token}`) },
    query: { key: env('KEY') },
  })
  const pulled = recoup.pull(rawFeeEvent, connector, { env: { TOKEN: 't0ken', KEY: 'k3y' } })
  await expect(pulled).rejects.toThrow('says its next page is at http://127.0.0.1:1')
  await expect(pulled).rejects.not.toThrow(/t0ken|k3y/)
  expect(seen).toEqual([
    ['Bearer t0ken', 'k3y'],
    ['Bearer t0ken', 'k3y'],
  ])
})

test('only what changed is asked for, and what came late before it', async ({ api, recoup }) => {
  let all = fees(3, '2026-10-01T10:00:00Z')
  api.answers((_, url) => {
    const since = Date.parse(url.searchParams.get('since') ?? '1970-01-01Z')
    return all.filter(({ updated }) => Date.parse(updated) >= since)
  })
  const connector = api.from({
    since: { parameter: 'since', field: 'updated', behind: { minutes: 10 } },
  })
  await recoup.pull(rawFeeEvent, connector)
  await recoup.load(rawFeeEvent)
  const late = { id: 'late', amount: 1, updated: '2026-10-01T09:55:00Z' }
  const corrected = { id: 'E1000', amount: 77, updated: '2026-10-01T12:00:00Z' }
  all = [...all.slice(1), late, corrected]
  await recoup.pull(rawFeeEvent, connector)
  expect(api.asked[1]).toBe('/fees?since=2026-10-01T09%3A50%3A00.000Z')
  await recoup.load(rawFeeEvent)
  expect(await recoup.rows(rawFeeEvent)).toMatchObject([
    { source_event_id: 'E1000', amount_minor: 77 },
    { source_event_id: 'E1001' },
    { source_event_id: 'E1002' },
    { source_event_id: 'late' },
  ])
})

test('numbers keep every digit they were sent with', async ({ api, recoup }) => {
  api.answers((_, __, response) =>
    response.end('[{"id":12345678901234567890,"amount":1.50,"rate":1e5}]'),
  )
  await recoup.pull(rawFeeEvent, api.from({ record: (sent) => sent }))
  expect(recoup.contents(rawFeeEvent)).toEqual([
    '{"id":"12345678901234567890","amount":"1.50","rate":"1e5"}\n',
  ])
})

test('no more requests a second than are allowed', async ({ api, recoup }) => {
  const all = fees(5)
  api.answers((_, url) => page(all, Number(url.searchParams.get('from')), 1))
  const start = Date.now()
  await recoup.pull(rawFeeEvent, api.from({ pages: { offset: 'from' }, rate: { perSecond: 20 } }))
  expect(api.asked).toHaveLength(6)
  expect(Date.now() - start).toBeGreaterThanOrEqual(245)
})

test('an answer without records where they are looked for is said', async ({ api, recoup }) => {
  api.answers(() => ({ items: [] }))
  await expect(recoup.pull(rawFeeEvent, api.from({ records: 'data' }))).rejects.toThrow(
    'has no array of objects under "data"',
  )
})

test('an API that has moved is not followed with secrets', async ({ api, recoup }) => {
  api.answers((_, __, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/' })
  })
  await expect(recoup.pull(rawFeeEvent, api.from())).rejects.toThrow(
    'it moved to http://127.0.0.1:1/. Write that in the definition',
  )
})
