import { setTimeout as sleep } from 'node:timers/promises'

import { type Duration, milliseconds } from './connector.ts'

/** How patient a connector is with an API. */
export interface Patience {
  /** How often a request is tried. */
  tries?: number
  /** Before the second try; doubled each time, with a random part. */
  first?: Duration
  /** One request. */
  timeout?: Duration
}

/** What an API answered. */
export interface Asked<Body> {
  body: Body
  headers: Headers
}

interface Request<Body> {
  headers: Record<string, string>
  signal: AbortSignal
  patience: Patience
  /** Throws when the answer is not whole; the request is then made again. */
  parse: (text: string) => Body
}

/** The longest that an API may put off. */
const mostMs = 15 * 60_000

/** Asks until there is an answer: waits as long as it is told to, else twice as long each time. */
export async function ask<Body>(url: URL, request: Request<Body>): Promise<Asked<Body>> {
  const { signal, patience } = request
  const { tries = 6, first = { seconds: 0.5 } } = patience
  for (let number = 1; ; number++) {
    const answer = await once(url, request)
    if ('body' in answer) return answer
    signal.throwIfAborted()
    const { found, isFinal, waitMs } = answer
    if (isFinal || number >= tries || (waitMs ?? 0) > mostMs) {
      const often = number > 1 ? ` (${number} times)` : ''
      const later =
        (waitMs ?? 0) > mostMs ? ` and asks to wait ${Math.ceil(waitMs! / 60_000)} minutes` : ''
      throw new Error(`GET ${publicAddress(url)} ${found}${later}${often}.`, {
        cause: answer.cause,
      })
    }
    const growing = milliseconds(first) * 2 ** (number - 1) * (0.75 + Math.random() / 2)
    await sleep(waitMs ?? Math.min(growing, 60_000), undefined, { signal })
  }
}

interface Refusal {
  /** What happened, after 'GET <address> '. */
  found: string
  isFinal: boolean
  waitMs?: number | undefined
  cause?: unknown
}

async function once<Body>(
  url: URL,
  { headers, signal, patience, parse }: Request<Body>,
): Promise<Asked<Body> | Refusal> {
  const timeout = AbortSignal.timeout(milliseconds(patience.timeout ?? { minutes: 1 }))
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json', ...headers },
      // Headers that hold secrets are for this address and no other.
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    })
    const text = await response.text()
    if (!response.ok) return refusal(response, text)
    try {
      return { body: parse(text), headers: response.headers }
    } catch (cause) {
      return { found: `answered what is not JSON: ${shorten(text)}`, isFinal: false, cause }
    }
  } catch (cause) {
    const { message, cause: inner } = cause as Error
    const { code, message: reason } = (inner ?? {}) as { code?: string; message?: string }
    return { found: `failed: ${reason || code || message}`, isFinal: false, cause }
  }
}

const temporary = new Set([408, 425, 429, 500, 502, 503, 504])

function refusal({ status, headers }: Response, text: string): Refusal {
  const location = headers.get('location')
  if (status >= 300 && status < 400 && location)
    return {
      found: `answered ${status}: it moved to ${location}. Write that in the definition`,
      isFinal: true,
    }
  return {
    found: `answered ${status}${text.trim() ? `: ${shorten(text)}` : ''}`,
    isFinal: !temporary.has(status),
    waitMs: retryAfter(headers.get('retry-after')),
  }
}

/** How long to wait, of the header Retry-After: it holds seconds or a date. */
export function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** An address without its parameters, which may hold secrets. */
export function publicAddress({ origin, pathname }: URL): string {
  return origin + pathname
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}
