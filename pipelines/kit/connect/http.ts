import { setTimeout as sleep } from 'node:timers/promises'
import { createHash } from 'node:crypto'

import * as z from 'zod'

import { ask, type Patience, publicAddress } from './ask.ts'
import {
  type Duration,
  milliseconds,
  named,
  type Pull,
  type Puller,
  reveal,
  type Setting,
  strangeCursor,
  usualEvery,
} from './connector.ts'
import { at, isRecord, jsonLines, parseExact } from './exact-json.ts'
import { shown } from '../words.ts'
import { firstPage, nextPage, type Pages } from './pages.ts'

interface Options<Sent> {
  url: Setting
  /** Parameters and headers of every request; secrets from the environment. */
  query?: Record<string, Setting>
  headers?: Record<string, Setting>
  /** The path of the records in an answer, such as `data.items`; left out: the answer is the array. */
  records?: string
  /** A record of the API as one or several of the contract. Its numbers are texts. */
  record?: (record: Sent) => object | object[]
  pages?: Pages
  /** Asks only for what changed since the newest record that is here. */
  since?: {
    parameter: string
    /** The path of the time or number in a record that the parameter is compared with. */
    field: string
    /** For the first time. */
    start?: string
    /** What changed so long before the newest is asked for once more: it may have come late. */
    behind?: Duration
  }
  rate?: { perSecond: number }
  patience?: Patience
  every?: Duration
}

/** The records of a JSON API, page by page, as NDJSON with every number as the text it came as. */
export function http<Sent extends object = Record<string, unknown>>(given: Options<Sent>): Puller {
  // What an API sends is what its definition says it sends; the contract judges it afterwards.
  const options = given as unknown as Options<Record<string, unknown>>
  return {
    kind: 'pull',
    origin: named(options.url).replace(/\?.*/s, ''),
    every: options.every ?? usualEvery,
    async *fetch(pull) {
      const parsed = Cursor.safeParse(pull.cursor ?? null)
      if (!parsed.success) throw strangeCursor(pull.feed, pull.cursor)
      let newest = parsed.data?.newest ?? null
      const pages = pagesOf(options, pull, newest)
      const first = await pages.next()
      if (first.done) return
      async function* lines() {
        for (let page: IteratorResult<Page> = first; !page.done; page = await pages.next()) {
          newest = page.value.reduce((most, record) => later(most, record, options), newest)
          const written = options.record ? page.value.flatMap(options.record) : page.value
          yield jsonLines(written)
        }
      }
      yield { name: `${pull.feed}.ndjson`, content: lines(), cursor: () => newest && { newest } }
    },
  }
}

type Page = Record<string, unknown>[]
type AnyOptions = Options<never>

const Cursor = z.object({ newest: z.string() }).nullable()
/** An API that never ends is not believed. */
const mostPages = 100_000

/** Pages with at least one record each. */
async function* pagesOf(options: AnyOptions, pull: Pull, newest: string | null) {
  const { pages, records = '', patience = {}, rate } = options
  const start = addressOf(options, pull, newest)
  const headers = revealAll(options.headers, pull)
  const seen = new Set<string>()
  const pauseMs = rate ? 1000 / rate.perSecond : 0
  let earlier = ''
  let mayAskAt = 0
  for (let url: URL | null = firstPage(start, pages); url;) {
    requireSafe(url, start, seen)
    seen.add(url.href)
    if (mayAskAt > Date.now()) await sleep(mayAskAt - Date.now(), undefined, pull)
    mayAskAt = Date.now() + pauseMs
    const { body, headers: answered } = await ask(url, {
      headers,
      signal: pull.signal,
      patience,
      parse: parseExact,
    })
    const page = requireRecords(at(body, records), records, url)
    const digest = createHash('sha256').update(JSON.stringify(page)).digest('base64')
    if (page.length > 0 && digest === earlier)
      throw new Error(
        `${publicAddress(url)} gave the same records for page ${seen.size} as for the page before. ` +
          'Is the parameter of `pages` the one the API knows?',
      )
    earlier = digest
    if (page.length > 0) yield page
    url = nextPage(pages, { url, body, headers: answered, records: page.length })
    // A next address need not repeat the secrets of the first.
    if (url) for (const [name, value] of secretsOf(options, pull)) url.searchParams.set(name, value)
  }
}

function addressOf({ url, query, since }: AnyOptions, pull: Pull, newest: string | null): URL {
  const address = new URL(reveal(url, pull))
  for (const [name, value] of Object.entries(revealAll(query, pull)))
    address.searchParams.set(name, value)
  const from = since && (newest === null ? since.start : less(newest, since.behind))
  if (since && from !== undefined) address.searchParams.set(since.parameter, from)
  return address
}

function revealAll(settings: Record<string, Setting> = {}, pull: Pull): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, reveal(setting, pull)]),
  )
}

function secretsOf({ query = {} }: AnyOptions, pull: Pull): [string, string][] {
  return Object.entries(query)
    .filter(([, setting]) => typeof setting !== 'string')
    .map(([name, setting]) => [name, reveal(setting, pull)])
}

function requireSafe(url: URL, start: URL, seen: ReadonlySet<string>) {
  if (url.origin !== start.origin)
    throw new Error(
      `${publicAddress(start)} says its next page is at ${url.origin}. Secrets are not sent to another ` +
        'place: if that is where the API lives now, write it in the definition.',
    )
  if (seen.has(url.href) || seen.size >= mostPages)
    throw new Error(
      `${publicAddress(url)} ${seen.has(url.href) ? 'leads back to a page that was read already' : 'does not end'}, ` +
        `after ${seen.size} pages. Nothing of it was kept; the API has to end its pages.`,
    )
}

function requireRecords(found: unknown, path: string, url: URL): Page {
  if (Array.isArray(found) && found.every(isRecord)) return found
  const where = path ? `under "${path}"` : 'as its whole'
  const what = Array.isArray(found) ? 'an array of other things' : shown(found)
  throw new Error(
    `${publicAddress(url)} has no array of objects ${where}: found ${what}. ` +
      'Correct `records` in the definition.',
  )
}

/** The later of what is known and what a record says, both as the API wrote them. */
function later(
  known: string | null,
  record: Record<string, unknown>,
  { since }: AnyOptions,
): string | null {
  const found = since && at(record, since.field)
  if (typeof found !== 'string' || found === '') return known
  return known === null || rank(found) > rank(known) ? found : known
}

function rank(value: string): number {
  const place = isNumber(value) ? Number(value) : Date.parse(value)
  if (Number.isNaN(place)) throw new Error(`"${value}" of since.field is neither time nor number.`)
  return place
}

function isNumber(value: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(value)
}

/** A time that much earlier. A number stays: it is asked for from itself on. */
function less(value: string, behind: Duration = { minutes: 1 }): string {
  if (isNumber(value)) return value
  return new Date(Date.parse(value) - milliseconds(behind)).toISOString()
}
