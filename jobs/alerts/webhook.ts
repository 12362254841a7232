import { signedHeaders } from '#kit/connect/webhook.ts'

import type { Channel } from './channel.ts'
import { post } from './post.ts'
import { wordsOf } from './words.ts'

/** JSON for programs, signed as standardwebhooks.com says and as Recoup itself checks. */
export function webhookChannel(options: { url: URL; secrets: string; home: URL | null }): Channel {
  const { url, secrets, home } = options
  return {
    name: 'webhook',
    to: url.origin,
    async send({ id, notice }, signal) {
      const { kind, at, key, severity, title, body, about, since, times, note = null } = notice
      const content = JSON.stringify({
        type: `alert.${kind}`,
        timestamp: at,
        data: {
          key,
          severity,
          title,
          body,
          about,
          since,
          times,
          note,
          resolved_at: kind === 'recovered' ? at : null,
          next: wordsOf(notice).next,
          ...(home && { url: home.href }),
        },
      })
      await post(url, {
        variable: 'RECOUP_ALERT_WEBHOOK',
        body: content,
        headers: {
          'recoup-notice-id': id,
          ...signedHeaders(content, { id, secrets, nowMs: Date.now() }),
        },
        secrets: secrets.split(/\s+/),
        signal,
      })
      return undefined
    },
  }
}
