import { isIP } from 'node:net'

import type { Channel } from './channel.ts'
import type { Letter } from './notice.ts'
import { UndeliveredError, withoutSecrets } from './undelivered.ts'
import { subjectOf, type Words, wordsOf } from './words.ts'

/** An address, with the name it is shown by. */
export interface Mailbox {
  name: string
  address: string
}

interface Options {
  server: URL
  from: Mailbox
  to: readonly Mailbox[]
  home: URL | null
}

/** A mail to each address, as plain text and as simple HTML. */
export function mailChannel({ server, from, to, home }: Options): Channel {
  const secrets = [decodeURIComponent(server.password), server.password]
  const hide = (text: string) => withoutSecrets(text, secrets)
  return {
    name: 'mail',
    to: to.map(({ address }) => address).join(', '),
    async send(letter, signal) {
      // Only what sends mail loads it.
      const { createTransport } = await import('nodemailer')
      const transport = createTransport({
        ...smtpOptions(server),
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      const mail = { from, to: [...to], ...mailOf(letter, { from, home }), signal }
      const { rejected } = await transport.sendMail(mail).catch((cause: Error) => {
        const { responseCode = 0 } = cause as { responseCode?: number }
        // Without its cause, which knows what was said to the server.
        throw new UndeliveredError(`${server.host}: ${hide(cause.message)}`, {
          isFinal: responseCode >= 500,
        })
      })
      return rejected.length > 0 ? `${server.host} refused ${rejected.join(', ')}.` : undefined
    },
  }
}

/** Passwords go over TLS only, except to this machine. */
function smtpOptions({ protocol, hostname, port, username, password }: URL) {
  const secure = protocol === 'smtps:'
  const host = hostname.replace(/^\[|\]$/g, '')
  const isHere =
    host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
  const auth = { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
  return {
    host,
    port: Number(port) || (secure ? 465 : 587),
    secure,
    ...(username && { auth, requireTLS: !secure && !isHere, forceAuth: true }),
  }
}

function mailOf({ id, notice }: Letter, { from, home }: { from: Mailbox; home: URL | null }) {
  const words = wordsOf(notice)
  return {
    subject: subjectOf(words),
    text: plain(words, home),
    html: html(words, home),
    // The same at every try, so a mailbox can drop the second of two.
    messageId: `<${id}@${from.address.split('@').at(-1)}>`,
    headers: { 'Recoup-Notice-Id': id, 'Auto-Submitted': 'auto-generated' },
  }
}

const ending = 'Sent by Recoup because RECOUP_ALERT_MAIL names this address.'

function plain({ label, title, body, facts, next }: Words, home: URL | null): string {
  return [
    `${label}: ${title}`,
    body,
    facts.join('\n'),
    next && `What to do: ${next}`,
    home && `Recoup: ${home.href}`,
    `-- \n${ending}`,
  ]
    .filter(Boolean)
    .join('\n\n')
}

function html({ label, title, body, facts, next }: Words, home: URL | null): string {
  const lines = (text: string) => escape(text).replaceAll('\n', '<br>')
  return [
    `<p><strong>${label}: ${escape(title)}</strong></p>`,
    body && `<p>${lines(body)}</p>`,
    facts.length > 0 && `<p>${lines(facts.join('\n'))}</p>`,
    next && `<p>What to do: <code>${escape(next)}</code></p>`,
    home && `<p><a href="${escape(home.href)}">Open Recoup</a></p>`,
    `<p><small>${ending}</small></p>`,
  ]
    .filter(Boolean)
    .join('\n')
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
}
