import type { Channel } from './channel.ts'
import { post } from './post.ts'
import { subjectOf, wordsOf } from './words.ts'

/** A message in the Slack channel that an incoming webhook belongs to. */
export function slackChannel({ url, home }: { url: URL; home: URL | null }): Channel {
  return {
    name: 'slack',
    to: url.origin,
    async send({ id, notice }, signal) {
      const words = wordsOf(notice)
      const { label, title, body, facts, next } = words
      const link = home ? `<${escape(home.href)}|Open Recoup>` : null
      const small = [...facts.map(escape), ...(link ? [link] : [])]
      const blocks = [
        section(`${symbols[label]} *${label}: ${escape(title)}*`),
        ...(body ? [section(escape(body))] : []),
        ...(next ? [section(`What to do: \`${escape(next)}\``)] : []),
        ...(small.length > 0 ? [{ type: 'context', elements: [mrkdwn(small.join('  ·  '))] }] : []),
      ]
      await post(url, {
        variable: 'RECOUP_ALERT_SLACK',
        body: JSON.stringify({ text: escape(subjectOf(words)), blocks }),
        headers: { 'recoup-notice-id': id },
        signal,
      })
      return undefined
    },
  }
}

const symbols = {
  ERROR: ':red_circle:',
  WARNING: ':large_yellow_circle:',
  RECOVERED: ':large_green_circle:',
  TEST: ':white_circle:',
}

/** Slack takes a block's text up to this length. */
const mostText = 3_000

function section(text: string) {
  return { type: 'section', text: mrkdwn(text) }
}

/** `verbatim`: names and addresses in it do not become mentions and links. */
function mrkdwn(text: string) {
  return { type: 'mrkdwn', text: shorten(text), verbatim: true }
}

/** Cut before an escape, never within. */
function shorten(text: string): string {
  if (text.length <= mostText) return text
  return `${text.slice(0, mostText - 1).replace(/&\w{0,3}$|[\uD800-\uDBFF]$/, '')}…`
}

/** The three characters by which Slack knows mentions, links and channels. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
