import { retryAfter } from '#kit/connect/ask.ts'

import { UndeliveredError, withoutSecrets } from './undelivered.ts'

interface Post {
  /** Where the address comes from, for whoever has to correct it. */
  variable: string
  body: string
  headers: Record<string, string>
  /** Besides the address itself, which may be one. */
  secrets?: readonly string[]
  signal: AbortSignal
}

/** Posts JSON; anything but 2xx throws. Redirects are not followed: they would carry it elsewhere. */
export async function post(url: URL, { variable, body, headers, secrets = [], signal }: Post) {
  const hide = (text: string) => withoutSecrets(text, [...secrets, ...secretsOf(url)])
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'user-agent': 'Recoup', ...headers },
    redirect: 'manual',
    signal,
  }).catch((cause: Error) => {
    const { code, message } = (cause.cause ?? cause) as { code?: string; message: string }
    const reason = hide(message || code || cause.message)
    throw new UndeliveredError(`${url.origin} could not be reached: ${reason}.`, { cause })
  })
  const { ok, status } = response
  if (ok) {
    await response.body?.cancel()
    return
  }
  const found = `${url.origin} answered ${status}`
  if (status >= 300 && status < 400) {
    await response.body?.cancel()
    throw new UndeliveredError(
      `${found}, which leads elsewhere and is not followed. Set ${variable} to where it leads.`,
      { isFinal: true },
    )
  }
  const words = hide(await beginningOf(response))
  throw new UndeliveredError(words ? `${found}: ${words}` : `${found}.`, {
    isFinal: status >= 400 && status < 500 && status !== 408 && status !== 429,
    waitMs: retryAfter(response.headers.get('retry-after')),
  })
}

/** Of an address everything after the host may be a secret, as with Slack's. */
function secretsOf({ pathname, search }: URL): string[] {
  return [pathname + search, pathname, search]
}

/** Enough of an answer to say what is wrong; an endless one is not read to its end. */
async function beginningOf({ body }: Response): Promise<string> {
  if (!body) return ''
  let text = ''
  try {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      if (text.length > 1_000) break
    }
  } catch {
    // What came until then says enough.
  }
  return text
}
