import { at } from './exact-json.ts'

/** How an API says that there is more. */
export type Pages =
  /** Pages are counted; an empty one is after the last, or `last` says how many there are. */
  | { number: string; first?: number; last?: string }
  /** Records are counted. */
  | { offset: string }
  /** The path of a token in the answer, and the parameter that takes it. */
  | { cursor: string; parameter: string }
  /** The path of the next page's address in the answer. */
  | { link: string }
  /** A Link header with rel="next". */
  | { linkHeader: true }

/** An answer, as far as it says where the next page is. */
export interface Answer {
  url: URL
  body: unknown
  headers: Headers
  /** How many records it held. */
  records: number
}

/** The address of the first page. */
export function firstPage(url: URL, pages: Pages | undefined): URL {
  if (pages && 'number' in pages) return withParameter(url, pages.number, `${pages.first ?? 1}`)
  if (pages && 'offset' in pages) return withParameter(url, pages.offset, '0')
  return url
}

/** The address of the page after an answer; null after the last. */
export function nextPage(pages: Pages | undefined, answer: Answer): URL | null {
  const { url, body, headers, records } = answer
  if (!pages) return null
  if ('number' in pages) {
    const page = Number(url.searchParams.get(pages.number))
    const last = pages.last === undefined ? Infinity : Number(at(body, pages.last))
    return records === 0 || page >= last ? null : withParameter(url, pages.number, `${page + 1}`)
  }
  if ('offset' in pages) {
    const offset = Number(url.searchParams.get(pages.offset)) + records
    return records === 0 ? null : withParameter(url, pages.offset, `${offset}`)
  }
  if ('cursor' in pages) {
    const token = asText(at(body, pages.cursor))
    // Some answer the end with the token they were asked with.
    const isEnd = !token || (records === 0 && token === url.searchParams.get(pages.parameter))
    return isEnd ? null : withParameter(url, pages.parameter, token)
  }
  const link = 'link' in pages ? asText(at(body, pages.link)) : linkOf(headers)
  return link ? new URL(link, url) : null
}

function linkOf(headers: Headers): string | undefined {
  const found = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(headers.get('link') ?? '')
  return found?.[1]
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function withParameter(url: URL, name: string, value: string): URL {
  const changed = new URL(url)
  changed.searchParams.set(name, value)
  return changed
}
