import type { Mailbox } from './mail.ts'

type Env = NodeJS.ProcessEnv

/** What is wrong with a variable, in words that do not repeat its value: it may be a secret. */
function refusal(variable: string, found: string, expected: string): Error {
  return new Error(`${variable} ${found}; expected ${expected}. Correct it: docs/alerts.md`)
}

function requireSet(env: Env, variable: string, because: string): string {
  const value = env[variable]?.trim()
  if (value) return value
  throw new Error(
    `${because} is set and needs ${variable}, which is not. Set it, or unset ${because}: docs/alerts.md`,
  )
}

/** A web address. */
export function requireUrl(env: Env, variable: string): URL {
  const url = URL.parse(env[variable]?.trim() ?? '')
  const expected = 'one such as https://example.org/path'
  if (!url) throw refusal(variable, 'is not an address', expected)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refusal(variable, `begins with ${url.protocol}`, expected)
  if (url.username || url.password)
    throw refusal(variable, 'has a name or password before the host', expected)
  return url
}

/** The address of an SMTP server. */
export function requireSmtpUrl(env: Env, variable: string, because: string): URL {
  const url = URL.parse(requireSet(env, variable, because))
  const expected = 'one such as smtp://user:password@mail.example.org:587, or smtps:// for port 465'
  if (!url) throw refusal(variable, 'is not an address', expected)
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')
    throw refusal(variable, `begins with ${url.protocol}`, expected)
  if (!url.hostname) throw refusal(variable, 'names no host', expected)
  if (url.search || url.hash || url.pathname.length > 1)
    throw refusal(variable, 'has something after the host', expected)
  if (Boolean(url.username) !== Boolean(url.password))
    throw refusal(variable, 'has a name without a password, or the reverse', expected)
  if (!isDecodable(url.username + url.password))
    throw refusal(variable, 'has a % in its name or password', '%25 in its place')
  return url
}

/** One secret, or two while it is changed. */
export function requireSecrets(env: Env, variable: string, because: string): string {
  const secrets = requireSet(env, variable, because)
  // Base64 of nothing would be a secret that everybody knows.
  if (secrets.split(/\s+/).every((secret) => /^(?!whsec_)|^whsec_[\w+/]{16,}=*$/.test(secret)))
    return secrets
  throw refusal(variable, 'has whsec_ before something else', 'base64 of 12 bytes or more after it')
}

/** One sender. */
export function requireMailbox(env: Env, variable: string, because: string): Mailbox {
  return mailbox(variable, requireSet(env, variable, because))
}

/** Addresses with commas between. */
export function requireMailboxes(env: Env, variable: string): Mailbox[] {
  const parts = (env[variable] ?? '').split(',').map((part) => part.trim())
  return parts.map((part) => mailbox(variable, part))
}

const address = /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()\\,;:"\p{Cc}]+$/u
const named = /^"?([^<>"\p{Cc}]*?)"?\s*<([^<>]+)>$/u

function mailbox(variable: string, text: string): Mailbox {
  const [, name = '', inner = text] = named.exec(text) ?? []
  if (address.test(inner)) return { name, address: inner }
  throw refusal(
    variable,
    `holds ${JSON.stringify(text)}, which is no mail address`,
    'such as alerts@example.org or Recoup <alerts@example.org>',
  )
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
