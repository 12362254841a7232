import { type Channel, inTime } from './channel.ts'
import { mailChannel } from './mail.ts'
import { type ChannelName, channelNames } from './names.ts'
import {
  requireMailbox,
  requireMailboxes,
  requireSecrets,
  requireSmtpUrl,
  requireUrl,
} from './settings.ts'
import { slackChannel } from './slack.ts'
import { webhookChannel } from './webhook.ts'

type Env = NodeJS.ProcessEnv

/** The channels that the environment sets up; what is set up wrong is refused. */
export function channelsOf(env: Env = process.env, { timeoutMs = 10_000 } = {}): Channel[] {
  requireReasons(env)
  return channelNames(env).map((name) => inTime(openers[name](env), timeoutMs))
}

const openers: Record<ChannelName, (env: Env) => Channel> = {
  webhook: (env) =>
    webhookChannel({
      url: requireUrl(env, 'RECOUP_ALERT_WEBHOOK'),
      secrets: requireSecrets(env, 'RECOUP_ALERT_WEBHOOK_SECRET', 'RECOUP_ALERT_WEBHOOK'),
      home: homeOf(env),
    }),
  slack: (env) => slackChannel({ url: requireUrl(env, 'RECOUP_ALERT_SLACK'), home: homeOf(env) }),
  mail: (env) =>
    mailChannel({
      server: requireSmtpUrl(env, 'RECOUP_SMTP_URL', 'RECOUP_ALERT_MAIL'),
      from: requireMailbox(env, 'RECOUP_ALERT_MAIL_FROM', 'RECOUP_ALERT_MAIL'),
      to: requireMailboxes(env, 'RECOUP_ALERT_MAIL'),
      home: homeOf(env),
    }),
}

/** Where people open Recoup. */
function homeOf(env: Env): URL | null {
  return env.RECOUP_URL?.trim() ? requireUrl(env, 'RECOUP_URL') : null
}

/** A setting of a channel that is not switched on is a channel that somebody believes in. */
function requireReasons(env: Env) {
  for (const [part, whole] of [
    ['RECOUP_ALERT_WEBHOOK_SECRET', 'RECOUP_ALERT_WEBHOOK'],
    ['RECOUP_ALERT_MAIL_FROM', 'RECOUP_ALERT_MAIL'],
  ] as const)
    if (env[part]?.trim() && !env[whole]?.trim())
      throw new Error(
        `${part} is set and ${whole} is not, so no alert goes that way. Set ${whole}, or unset ${part}.`,
      )
}
